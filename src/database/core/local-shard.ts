import type { Entries, Shard } from '../../wire/database.js';
import type { Difference } from './merge.js';
import { beyond, sizeOfEntry, type ShardLimits } from './origin.js';
import { equal } from './values.js';

/** A key was absent. */
const ABSENT = Symbol('absent');

export type LocalShard = ReturnType<typeof createLocalShard>;

/** What this node has set, and what of it has changed since somebody was told. Throws RangeError beyond its limits. */
export function createLocalShard(limits: ShardLimits) {
  const families = new Map<string, Map<string, unknown>>();
  /** Keys that have changed, with what was told. */
  const changed = new Map<string, Map<string, unknown>>();
  let keys = 0;
  let octets = 0;

  const touch = (family: string, key: string, before: unknown): void => {
    let touched = changed.get(family);
    if (touched === undefined) changed.set(family, (touched = new Map<string, unknown>()));
    if (touched.get(key) === undefined) touched.set(key, before);
  };

  return {
    /** Returns whether anything has changed. */
    set(family: string, key: string, value: unknown): boolean {
      const entries = families.get(family);
      // no value is ever undefined (S30)
      const known = entries?.get(key);
      const before = known === undefined ? ABSENT : known;
      if (before !== ABSENT && equal(before, value)) return false;
      const grown = sizeOfEntry(key, value) - (before === ABSENT ? 0 : sizeOfEntry(key, before));
      const added = before === ABSENT ? 1 : 0;
      const excess = beyond({ families: families.size + (entries === undefined ? 1 : 0), keys: keys + added, octets: octets + grown }, limits);
      if (excess !== undefined) throw new RangeError(`this node would have set ${excess}`);
      keys += added;
      octets += grown;
      touch(family, key, before);
      if (entries === undefined) families.set(family, new Map([[key, value]]));
      else entries.set(key, value);
      return true;
    },
    /** Returns whether the key was there. */
    del(family: string, key: string): boolean {
      const entries = families.get(family);
      if (entries?.has(key) !== true) return false;
      const before = entries.get(key);
      touch(family, key, before);
      entries.delete(key);
      if (entries.size === 0) families.delete(family);
      keys--;
      octets -= sizeOfEntry(key, before);
      return true;
    },
    all: (): Shard => new Map(Array.from(families, ([family, entries]): [string, Entries] => [family, new Map(entries)])),
    /** What differs from what was told, per family; from now on it counts as told. */
    takeUpdates(): ReadonlyMap<string, Difference> {
      const updates = new Map<string, Difference>();
      for (const [family, touched] of changed) {
        const entries = families.get(family);
        const set = new Map<string, unknown>();
        const del: string[] = [];
        for (const [key, before] of touched) {
          const now = entries?.get(key);
          if (now !== undefined) {
            if (before === ABSENT || !equal(before, now)) set.set(key, now);
          } else if (before !== ABSENT) del.push(key);
        }
        if (set.size > 0 || del.length > 0) updates.set(family, { set, del });
      }
      changed.clear();
      // who shrinks goes first, so that a shard at its limits stays within them on the way
      return new Map([...updates].sort(([, a], [, b]) => a.set.size - a.del.length - (b.set.size - b.del.length)));
    },
    get isDirty() {
      return changed.size > 0;
    },
  };
}
