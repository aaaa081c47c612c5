import { isPortId } from '../../wire/portid.js';
import type { FamilyChange } from '../../database/family-change.js';

/** Chooses, of the entries of a scope, whom to ask for a link. */
export interface Candidates {
  /** Entries have come, have changed or are gone. Their values are {@link EntryValue}s, or what others say instead. */
  update(change: Pick<FamilyChange, 'family' | 'add' | 'chg' | 'del'>): void;
  /** Whether an entry may be asked. */
  has(entry: string): boolean;
  /** Whom to ask next; undefined: nobody. */
  choose(): string | undefined;
  /** The link could not be made, or did not last. */
  failed(entry: string): void;
  /** The link was made, and has lasted. */
  lasted(entry: string): void;
}

/** What an entry says of itself in the family. */
export interface EntryValue {
  /** The node listens, so that others can connect to it; a private one can only be talked to by whom it has connected to. */
  readonly listens: boolean;
}

const listens = (value: unknown): boolean => (value as Partial<EntryValue> | null | undefined)?.listens === true;

/**
 * Who serves links asks only entries before its own, in an order that all know: those that listen before those that don't,
 * then by port id. So no ring can arise but for a moment, and all but the first have an uplink. Who does not serve is a leaf,
 * under any entry.
 *
 * An entry that failed is asked again after all that failed less often: it may be out of reach for this node, and not for
 * others. Pure.
 *
 * @param own The own entry; undefined: it does not serve.
 * @param fraction A random number from 0 to below 1.
 */
export function createCandidates(own: (EntryValue & { readonly id: string }) | undefined, fraction: () => number): Candidates {
  /** Those that may be asked, and whether they listen: for the first of all nobody, however many there are. */
  const entries = new Map<string, boolean>();
  const failures = new Map<string, number>();

  const isBeforeOwn = (id: string, isListening: boolean): boolean => {
    if (own === undefined) return true;
    return isListening === own.listens ? id < own.id : isListening;
  };
  /** The less the better. */
  const burden = (id: string, isListening: boolean): number => 2 * (failures.get(id) ?? 0) + (isListening ? 0 : 1);
  const remove = (id: string): void => {
    entries.delete(id);
    failures.delete(id);
  };

  return {
    update({ family, add, chg, del }) {
      for (const id of del) remove(id);
      for (const id of [...add, ...chg]) {
        const isListening = listens(family.get(id));
        if (isPortId(id) && isBeforeOwn(id, isListening)) entries.set(id, isListening);
        else remove(id);
      }
    },
    has: (id) => entries.has(id),
    choose() {
      let least = Infinity;
      let best: string[] = [];
      for (const [id, isListening] of entries) {
        const now = burden(id, isListening);
        if (now > least) continue;
        if (now < least) best = [];
        least = now;
        best.push(id);
      }
      // leaves spread over all; the others share the first, so that the tree stays flat
      return own === undefined ? best[Math.floor(fraction() * best.length)] : best.reduce<string | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    },
    failed(entry) {
      if (entries.has(entry)) failures.set(entry, (failures.get(entry) ?? 0) + 1);
    },
    lasted(entry) {
      failures.delete(entry);
    },
  };
}
