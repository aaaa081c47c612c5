import { isPortId } from '../../wire/portid.js';

/** Chooses, of the entries of a scope, whom to ask for a link. */
export interface Candidates {
  /** Whom to ask next; undefined: nobody. The values of the entries are {@link EntryValue}s, or what others say instead. */
  choose(entries: ReadonlyMap<string, unknown>): string | undefined;
  /** The link could not be made, or did not last. Gives how often that was so. */
  failed(entry: string): number;
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
  const failures = new Map<string, number>();

  const isBeforeOwn = (id: string, value: unknown): boolean => {
    if (own === undefined) return true;
    return listens(value) === own.listens ? id < own.id : listens(value);
  };
  /** The less the better. */
  const burden = (id: string, value: unknown): number => 2 * (failures.get(id) ?? 0) + (listens(value) ? 0 : 1);

  return {
    choose(entries) {
      for (const id of failures.keys()) if (!entries.has(id)) failures.delete(id);
      let least = Infinity;
      let best: string[] = [];
      for (const [id, value] of entries) {
        if (!isPortId(id) || !isBeforeOwn(id, value)) continue;
        const now = burden(id, value);
        if (now > least) continue;
        if (now < least) best = [];
        least = now;
        best.push(id);
      }
      // leaves spread over all; the others share the first, so that the tree stays flat
      return own === undefined ? best[Math.floor(fraction() * best.length)] : best.reduce<string | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    },
    failed(entry) {
      const count = (failures.get(entry) ?? 0) + 1;
      failures.set(entry, count);
      return count;
    },
    lasted(entry) {
      failures.delete(entry);
    },
  };
}
