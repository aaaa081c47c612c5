import type { Entries } from '../../wire/database.js';
import { ABSENT, createTouched, isApart, differencesOf, ownOf, shown, visibleOf, type Difference, type Entry, type Touched } from './entry.js';
import { createOrigin, sizeOfEntry, type Claim, type Origin } from './origin.js';
import { equal } from './values.js';

/** What has changed in a family since the last flush. */
export interface MergeChange {
  readonly family: string;
  /** In the union of all shards; undefined: nothing (D6). */
  readonly visible: Difference | undefined;
  /** In the union of this node's shard and those of its slaves, which is what other globals are told (D3), and of a slave its master. */
  readonly own: Difference | undefined;
}

export type Merge = ReturnType<typeof createMerge>;

/**
 * Merges shards into one database (D1–D6). Where several origins hold a key, the value of the greatest origin shows: among
 * globals (this one for its slaves) the one with the greatest node id, among the slaves of a global likewise. So every
 * global that knows the same shards shows the same values, though it knows the slaves of others only merged (D2).
 *
 * @param self The id of this node.
 */
export function createMerge(self: string) {
  const families = new Map<string, Map<string, Entry>>();
  /** What has happened since the last flush, per family. */
  const dirty = new Map<string, Touched>();

  const groupOf = (origin: Origin): string => (origin.own ? self : origin.node);

  const outranks = (a: Origin, b: Origin): boolean => {
    const [groupA, groupB] = [groupOf(a), groupOf(b)];
    return groupA === groupB ? a.node > b.node : groupA > groupB;
  };

  const find = (family: string, key: string): Entry | undefined => families.get(family)?.get(key);

  const findOrMake = (family: string, key: string): Entry => {
    let entries = families.get(family);
    if (entries === undefined) families.set(family, (entries = new Map<string, Entry>()));
    let entry = entries.get(key);
    if (entry === undefined) entries.set(key, (entry = { key, first: undefined, isTouched: false }));
    return entry;
  };

  /** Remembers what a key shows, before it changes. */
  const touch = (family: string, entry: Entry): Touched => {
    let touched = dirty.get(family);
    if (touched === undefined) dirty.set(family, (touched = createTouched()));
    if (entry.isTouched) return touched;
    entry.isTouched = true;
    touched.entries.push(entry);
    touched.visible.push(visibleOf(entry.first));
    touched.own.push(ownOf(entry.first));
    touched.isApart ||= isApart(entry.first);
    return touched;
  };

  /** Puts a claim before those that it outranks. */
  const insert = (entry: Entry, claim: Claim): void => {
    const { first } = entry;
    if (first === undefined || outranks(claim.origin, first.origin)) {
      claim.next = first;
      entry.first = claim;
      return;
    }
    let before = first;
    while (before.next !== undefined && !outranks(claim.origin, before.next.origin)) before = before.next;
    claim.next = before.next;
    before.next = claim;
  };

  const take = (entry: Entry, claim: Claim): void => {
    if (entry.first === claim) {
      entry.first = claim.next;
      return;
    }
    let before = entry.first;
    while (before !== undefined && before.next !== claim) before = before.next;
    if (before !== undefined) before.next = claim.next;
  };

  const set = (origin: Origin, family: string, key: string, value: unknown, stamp = 0): void => {
    const entry = findOrMake(family, key);
    const { first } = entry;
    const known = first?.origin === origin ? first : origin.claims.get(family)?.get(key);
    if (known !== undefined) {
      known.stamp = stamp;
      if (equal(known.value, value)) return;
    }
    const touched = touch(family, entry);
    origin.octets += sizeOfEntry(key, value);
    if (known !== undefined) {
      origin.octets -= sizeOfEntry(key, known.value);
      known.value = value;
      return;
    }
    origin.keys++;
    const claim: Claim = { origin, value, stamp, next: undefined };
    const held = origin.claims.get(family);
    if (held === undefined) origin.claims.set(family, new Map([[key, claim]]));
    else held.set(key, claim);
    insert(entry, claim);
    touched.isApart ||= isApart(entry.first);
  };

  /** Returns whether the origin had the key. */
  const del = (origin: Origin, family: string, key: string): boolean => {
    const held = origin.claims.get(family);
    const claim = held?.get(key);
    const entry = find(family, key);
    if (held === undefined || claim === undefined || entry === undefined) return false;
    touch(family, entry);
    take(entry, claim);
    held.delete(key);
    if (held.size === 0) origin.claims.delete(family);
    origin.keys--;
    origin.octets -= sizeOfEntry(key, claim.value);
    return true;
  };

  /** Entries that somebody holds; one that nobody holds any more is there until the flush. */
  const held = function* (family: string): Generator<readonly [key: string, first: Claim], undefined> {
    for (const [key, { first }] of families.get(family) ?? []) if (first !== undefined) yield [key, first];
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
      const all = [...origin.claims].flatMap(([family, claims]) =>
        Array.from(claims, ([key, claim]) => ({ family, entry: findOrMake(family, key), claim })),
      );
      for (const { family, entry, claim } of all) {
        touch(family, entry).isApart = true;
        take(entry, claim);
      }
      origin.own = own;
      for (const { entry, claim } of all) insert(entry, claim);
    },
    origin: createOrigin,
    /** What of a family shows: a copy. */
    visible: (family: string): Entries => new Map(Array.from(held(family), ([key, first]) => [key, shown(first).value])),
    get(family: string, key: string): unknown {
      const first = find(family, key)?.first;
      return first === undefined ? undefined : shown(first).value;
    },
    keys: (family: string): readonly string[] => Array.from(held(family), ([key]) => key),
    values: (family: string): readonly unknown[] => Array.from(held(family), ([, first]) => shown(first).value),
    /** The union of the own slaves' shards. */
    own(): ReadonlyMap<string, Entries> {
      const all = new Map<string, Entries>();
      for (const family of families.keys()) {
        const entries = new Map<string, unknown>();
        for (const [key, first] of held(family)) {
          const own = ownOf(first);
          if (own !== ABSENT) entries.set(key, own);
        }
        if (entries.size > 0) all.set(family, entries);
      }
      return all;
    },
    /** What has changed since the last flush, one change per family (D8). */
    flush(): readonly MergeChange[] {
      const changes: MergeChange[] = [];
      for (const [family, touched] of dirty) {
        const change = differencesOf(touched);
        if (change.visible !== undefined || change.own !== undefined) changes.push({ family, ...change });
        const entries = families.get(family);
        for (const entry of touched.entries) {
          entry.isTouched = false;
          if (entry.first === undefined) entries?.delete(entry.key);
        }
        if (entries?.size === 0) families.delete(family);
      }
      dirty.clear();
      return changes;
    },
    get isDirty() {
      return dirty.size > 0;
    },
  };
}
