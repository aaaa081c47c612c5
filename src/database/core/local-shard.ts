import type { Entries, Shard } from '../../wire/database.js';
import type { Difference } from './merge.js';
import { beyond, sizeOfEntry, type ShardLimits } from './origin.js';
import { equal } from './values.js';

/** What was told of a key, and what it is now; undefined: absent, since no value is ever undefined (S30). */
interface Change {
  readonly before: unknown;
  now: unknown;
}

export type LocalShard = ReturnType<typeof createLocalShard>;

/** What this node has set, and what of it has changed since somebody was told. Throws RangeError beyond its limits. */
export function createLocalShard(limits: ShardLimits) {
  const families = new Map<string, Map<string, unknown>>();
  /** Keys that have changed since somebody was told. */
  const changed = new Map<string, Map<string, Change>>();
  let keys = 0;
  let octets = 0;

  const note = (family: string, key: string, before: unknown, now: unknown): void => {
    let changes = changed.get(family);
    if (changes === undefined) changed.set(family, (changes = new Map<string, Change>()));
    const known = changes.get(key);
    if (known === undefined) changes.set(key, { before, now });
    else known.now = now;
  };

  return {
    /** Returns whether anything has changed. */
    set(family: string, key: string, value: unknown): boolean {
      const entries = families.get(family);
      const before = entries?.get(key);
      if (before !== undefined && equal(before, value)) return false;
      const grown = sizeOfEntry(key, value) - (before === undefined ? 0 : sizeOfEntry(key, before));
      const added = before === undefined ? 1 : 0;
      const excess = beyond({ families: families.size + (entries === undefined ? 1 : 0), keys: keys + added, octets: octets + grown }, limits);
      if (excess !== undefined) throw new RangeError(`this node would have set ${excess}`);
      keys += added;
      octets += grown;
      note(family, key, before, value);
      if (entries === undefined) families.set(family, new Map([[key, value]]));
      else entries.set(key, value);
      return true;
    },
    /** Returns whether the key was there. */
    del(family: string, key: string): boolean {
      const entries = families.get(family);
      const before = entries?.get(key);
      if (entries === undefined || before === undefined) return false;
      note(family, key, before, undefined);
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
      for (const [family, changes] of changed) {
        const set = new Map<string, unknown>();
        const del: string[] = [];
        for (const [key, { before, now }] of changes) {
          if (now === undefined) {
            if (before !== undefined) del.push(key);
          } else if (before === undefined || !equal(before, now)) set.set(key, now);
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
