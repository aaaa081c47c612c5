import type { Entries } from '../../wire/database.js';
import { createOrigin, sizeOfEntry, type Claim, type Origin } from './origin.js';
import { equal } from './values.js';

/** What has changed in a family, as a message has it. */
export interface Difference {
  readonly set: Entries;
  readonly del: readonly string[];
}

/** What has changed in a family since the last flush. */
export interface MergeChange {
  readonly family: string;
  /** In the union of all shards; undefined: nothing (D6). */
  readonly visible: Difference | undefined;
  /** In the union of the own slaves' shards, which is what other globals are told (D3). */
  readonly own: Difference | undefined;
}

/** A key was absent. */
const ABSENT = Symbol('absent');

/** What was there at the last flush. */
interface Before {
  readonly visible: unknown;
  readonly own: unknown;
}

export type Merge = ReturnType<typeof createMerge>;

/**
 * Merges shards into one database (D1–D6). Where several origins hold a key, the value of the greatest origin shows: among
 * globals (this one for its slaves) the one with the greatest node id, among the slaves of a global likewise. So every
 * global that knows the same shards shows the same values, though it knows the slaves of others only merged (D2).
 *
 * @param self The node id of this global node.
 */
export function createMerge(self: string) {
  /** Per family and key, who holds it; the list is never empty. */
  const families = new Map<string, Map<string, Claim>>();
  const dirty = new Map<string, Map<string, Before>>();

  const groupOf = (origin: Origin): string => (origin.own ? self : origin.node);

  const outranks = (a: Origin, b: Origin): boolean => {
    const [groupA, groupB] = [groupOf(a), groupOf(b)];
    return groupA === groupB ? a.node > b.node : groupA > groupB;
  };

  const firstOf = (family: string, key: string): Claim | undefined => families.get(family)?.get(key);

  /** Remembers what a key was like at the last flush; `first` is who holds it now. */
  const touch = (family: string, key: string, first: Claim | undefined): void => {
    let keys = dirty.get(family);
    if (keys === undefined) dirty.set(family, (keys = new Map<string, Before>()));
    if (!keys.has(key)) keys.set(key, stateOf(first));
  };

  /** Puts a claim into the list of its key, before those that it outranks. */
  const insert = (family: string, key: string, claim: Claim): void => {
    let keys = families.get(family);
    if (keys === undefined) families.set(family, (keys = new Map<string, Claim>()));
    const first = keys.get(key);
    if (first === undefined || outranks(claim.origin, first.origin)) {
      claim.next = first;
      keys.set(key, claim);
      return;
    }
    let before = first;
    while (before.next !== undefined && !outranks(claim.origin, before.next.origin)) before = before.next;
    claim.next = before.next;
    before.next = claim;
  };

  const take = (family: string, key: string, claim: Claim): void => {
    const keys = families.get(family);
    const first = keys?.get(key);
    if (keys === undefined || first === undefined) return;
    if (first !== claim) {
      let before = first;
      while (before.next !== undefined && before.next !== claim) before = before.next;
      before.next = claim.next;
    } else if (claim.next !== undefined) keys.set(key, claim.next);
    else if (keys.delete(key) && keys.size === 0) families.delete(family);
  };

  const set = (origin: Origin, family: string, key: string, value: unknown): void => {
    const first = firstOf(family, key);
    touch(family, key, first);
    let held = origin.claims.get(family);
    if (held === undefined) origin.claims.set(family, (held = new Map<string, Claim>()));
    // of a large family each look-up is a cache miss
    const known = first?.origin === origin ? first : held.get(key);
    origin.octets += sizeOfEntry(key, value);
    if (known !== undefined) {
      origin.octets -= sizeOfEntry(key, known.value);
      known.value = value;
      return;
    }
    origin.keys++;
    const claim: Claim = { origin, value, next: undefined };
    held.set(key, claim);
    insert(family, key, claim);
  };

  const del = (origin: Origin, family: string, key: string): void => {
    const held = origin.claims.get(family);
    const claim = held?.get(key);
    if (held === undefined || claim === undefined) return;
    touch(family, key, firstOf(family, key));
    take(family, key, claim);
    held.delete(key);
    if (held.size === 0) origin.claims.delete(family);
    origin.keys--;
    origin.octets -= sizeOfEntry(key, claim.value);
  };

  return {
    set,
    del,
    /** Forgets a whole origin: exactly its keys go (D5). */
    clear(origin: Origin): void {
      for (const [family, held] of [...origin.claims]) for (const key of [...held.keys()]) del(origin, family, key);
    },
    /** Makes an origin one of the own slaves, or no longer one. */
    setOwn(origin: Origin, own: boolean): void {
      if (origin.own === own) return;
      const all = [...origin.claims].flatMap(([family, held]) => Array.from(held, ([key, claim]) => ({ family, key, claim })));
      for (const { family, key, claim } of all) {
        touch(family, key, firstOf(family, key));
        take(family, key, claim);
      }
      origin.own = own;
      for (const { family, key, claim } of all) insert(family, key, claim);
    },
    origin: createOrigin,
    /** What of a family shows: a copy. */
    visible(family: string): Entries {
      return new Map(Array.from(families.get(family) ?? [], ([key, claim]) => [key, shown(claim).value]));
    },
    get(family: string, key: string): unknown {
      const first = families.get(family)?.get(key);
      return first === undefined ? undefined : shown(first).value;
    },
    keys: (family: string): readonly string[] => [...(families.get(family)?.keys() ?? [])],
    values: (family: string): readonly unknown[] => Array.from(families.get(family)?.values() ?? [], (claim) => shown(claim).value),
    /** The union of the own slaves' shards. */
    own(): ReadonlyMap<string, Entries> {
      const all = new Map<string, Entries>();
      for (const [family, keys] of families) {
        const entries = new Map<string, unknown>();
        for (const [key, claim] of keys) {
          const { own } = stateOf(claim);
          if (own !== ABSENT) entries.set(key, own);
        }
        if (entries.size > 0) all.set(family, entries);
      }
      return all;
    },
    /** What has changed since the last flush, one change per family (D8). */
    flush(): readonly MergeChange[] {
      const changes: MergeChange[] = [];
      for (const [family, keys] of dirty) {
        const visible = createDifference();
        const own = createDifference();
        const held = families.get(family);
        for (const [key, before] of keys) {
          const now = stateOf(held?.get(key));
          visible.add(key, before.visible, now.visible);
          own.add(key, before.own, now.own);
        }
        const change = { family, visible: visible.made(), own: own.made() };
        if (change.visible !== undefined || change.own !== undefined) changes.push(change);
      }
      dirty.clear();
      return changes;
    },
    get isDirty() {
      return dirty.size > 0;
    },
  };
}

/** What a list of claims shows, and what it shows of the own slaves' shards only. */
function stateOf(first: Claim | undefined): Before {
  if (first === undefined) return GONE;
  let own: Claim | undefined = first;
  while (own !== undefined && (!own.origin.own || isCovered(own, first))) own = own.next;
  return { visible: shown(first).value, own: own === undefined ? ABSENT : own.value };
}

/** The first that is not covered; what covers another is not. */
function shown(first: Claim): Claim {
  let claim = first;
  while (claim.next !== undefined && isCovered(claim, first)) claim = claim.next;
  return claim;
}

/** Whether the node of an own claim tells the same as a global node: then that counts, with its rank (D2, D3). */
function isCovered({ origin, value }: Claim, first: Claim): boolean {
  if (!origin.own || first.next === undefined) return false;
  for (let other: Claim | undefined = first; other !== undefined; other = other.next) {
    if (other.origin !== origin && other.origin.node === origin.node && equal(other.value, value)) return true;
  }
  return false;
}

const GONE: Before = { visible: ABSENT, own: ABSENT };

function createDifference() {
  const set = new Map<string, unknown>();
  const del: string[] = [];
  return {
    add(key: string, before: unknown, now: unknown): void {
      if (now === ABSENT) {
        if (before !== ABSENT) del.push(key);
      } else if (before === ABSENT || !equal(before, now)) set.set(key, now);
    },
    made: (): Difference | undefined => (set.size > 0 || del.length > 0 ? { set, del } : undefined),
  };
}
