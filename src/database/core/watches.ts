import type { DatabaseRequest, Entries, RequestOf } from '../../wire/database.js';
import { isPortId, nodeOf } from '../../wire/portid.js';
import type { FamilyChange } from '../family-change.js';
import { createFamilyStore, type FamilyStore } from './family-store.js';

export interface WatchesContext {
  /** Asks the master, if there is one. */
  ask(request: DatabaseRequest): void;
  /** Makes of values from elsewhere what this node shows; without those that it does not want. */
  admit(family: string, entries: Entries): Entries;
  changed(family: string, change: FamilyChange): void;
  /** Runs a task when the nodes have had time to regroup around another master; the result takes it back. */
  regrouped(task: () => void): () => void;
}

/** A family that somebody on this node watches. */
interface Watched {
  readonly store: FamilyStore;
  /** Its content has come once. */
  known: boolean;
  /** There is no master, or it was asked and has not answered: what changes meanwhile is in the answer. */
  awaiting: boolean;
  /** The pieces of a long answer, so far. */
  pieces: Map<string, unknown>;
  /** Keys that a new master has not known: their nodes may be on their way to it. */
  missing: Set<string>;
  /** While awaiting: ports of nodes that have begun another run. */
  readonly over: Set<string>;
}

/** The families that a node watches, with one upstream monitor each, whoever is the master (S28). Pure. */
export function createWatches({ ask, admit, changed, regrouped }: WatchesContext) {
  const watched = new Map<string, Watched>();
  /** How many answers are to come to questions of families that were closed since. */
  const overdue = new Map<string, number>();
  /** While the nodes regroup around another master. */
  let stopRegrouping: (() => void) | undefined;
  let hadMaster = false;

  const watch = (family: string, one: Watched): void => {
    one.pieces = new Map();
    ask({ kind: 'g_mon1', family });
  };

  /** Whether this is the answer, or a piece of it, to a question of one who has gone. */
  const isOverdue = ({ family, more }: RequestOf<'g_chg1'>): boolean => {
    const count = overdue.get(family) ?? 0;
    if (count === 0) return false;
    if (!more && count > 1) overdue.set(family, count - 1);
    else if (!more) overdue.delete(family);
    return true;
  };

  /** The whole family: what differs from what was known is the change. */
  const whole = (family: string, one: Watched, content: Entries): void => {
    one.awaiting = false;
    one.pieces = new Map();
    const present = new Map(admit(family, content));
    one.missing = stopRegrouping === undefined ? new Set() : keepMissing(one, present);
    one.over.clear();
    const change = one.store.replace(present);
    if (one.known) {
      if (change !== undefined) changed(family, change);
      return;
    }
    one.known = true;
    changed(family, one.store.current());
  };

  /** Keys that are still missing are gone. */
  const regroup = (): void => {
    stopRegrouping = undefined;
    for (const [family, { store, missing }] of [...watched]) {
      const change = store.apply(new Map(), missing);
      missing.clear();
      if (change !== undefined) changed(family, change);
    }
  };

  return {
    /** Begins to watch a family, or gives what is known of it: undefined as long as that is nothing. */
    open(family: string): FamilyStore | undefined {
      let one = watched.get(family);
      if (one === undefined) {
        one = { store: createFamilyStore(), known: false, awaiting: true, pieces: new Map(), missing: new Set(), over: new Set() };
        watched.set(family, one);
        watch(family, one);
      }
      return one.known ? one.store : undefined;
    },
    /** Nobody watches the family any more. */
    close(family: string, hasMaster: boolean): void {
      const one = watched.get(family);
      if (one === undefined) return;
      watched.delete(family);
      if (hasMaster && one.awaiting) overdue.set(family, (overdue.get(family) ?? 0) + 1);
      ask({ kind: 'g_mon0', family });
    },
    /** What the master says of the whole family. */
    content(request: RequestOf<'g_chg1'>): void {
      if (isOverdue(request)) return;
      const one = watched.get(request.family);
      if (one === undefined) return;
      for (const [key, value] of request.content) one.pieces.set(key, value);
      one.awaiting = true;
      if (!request.more) whole(request.family, one, one.pieces);
    },
    /** What the master says has changed. */
    change({ family, set, del }: RequestOf<'g_chg2'>): void {
      const one = watched.get(family);
      if (one === undefined || one.awaiting) return;
      const admitted = admit(family, set);
      // a value that is not admitted takes the place of one that was
      const gone = admitted.size < set.size ? [...del, ...set.keys()] : del;
      if (one.missing.size > 0) for (const key of set.keys()) one.missing.delete(key);
      const change = one.store.apply(admitted, gone);
      if (change !== undefined) changed(family, change);
    },
    /** Whether somebody vouches for what is known (V12). A new master does so with its answer. */
    vouch(isCurrent: boolean): void {
      for (const [family, { store, known, awaiting }] of [...watched]) {
        const change = known && !(isCurrent && awaiting) ? store.vouch(isCurrent) : undefined;
        if (change !== undefined) changed(family, change);
      }
    },
    /** The last master is asked no more. */
    leave(): void {
      // what it has not known is shown until another one has been asked
      stopRegrouping?.();
      stopRegrouping = undefined;
      for (const [family, one] of watched) {
        ask({ kind: 'g_mon0', family });
        one.awaiting = true;
      }
      overdue.clear();
    },
    /** There is another master. */
    join(): void {
      stopRegrouping = hadMaster ? regrouped(regroup) : undefined;
      hadMaster = true;
      for (const [family, one] of watched) watch(family, one);
    },
    /** A node has begun another run: its ports of before are dead, and are not kept until the nodes have regrouped. */
    restarted(node: string): void {
      for (const [family, one] of [...watched]) {
        if (one.awaiting) {
          // it all goes in one change, with what the master's answer has instead (S28)
          for (const [key] of one.store.entries()) if (isPortOf(node, key)) one.over.add(key);
          continue;
        }
        const dead = [...one.missing].filter((key) => isPortOf(node, key));
        const change = one.store.apply(new Map(), dead);
        if (change !== undefined) changed(family, change);
      }
    },
    /** Whether nodes may be missing because they have not found the new master yet. */
    get isRegrouping() {
      return stopRegrouping !== undefined;
    },
    end(): void {
      stopRegrouping?.();
    },
  };
}

const isPortOf = (node: string, key: string): boolean => isPortId(key) && nodeOf(key) === node;

/** Adds what was known, and may be alive, to what is present; gives the keys. */
function keepMissing({ store, over }: Watched, present: Map<string, unknown>): Set<string> {
  const missing = new Set<string>();
  for (const [key, value] of store.entries()) {
    if (present.has(key) || over.has(key)) continue;
    missing.add(key);
    present.set(key, value);
  }
  return missing;
}
