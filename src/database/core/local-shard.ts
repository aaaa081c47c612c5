import type { Shard } from '../../wire/database.js';
import type { Difference } from './entry.js';
import type { Merge } from './merge.js';
import { beyond, exactly, sizeOfEntry, type ShardLimits } from './origin.js';

export type LocalShard = ReturnType<typeof createLocalShard>;

/**
 * What this node has set: an origin of its own merge, as every slave's shard is. So a node that is its own master looks a key
 * up once for an update: of a large family each look-up is a cache miss.
 */
export function createLocalShard(self: string, merge: Merge, limits: ShardLimits) {
  const origin = merge.origin(self, true);
  let stamp = 0;

  /** Throws RangeError where the shard would outgrow its limits. */
  const checkRoom = (family: string, key: string, value: unknown): void => {
    const { claims, keys, octets } = origin;
    const size = sizeOfEntry(key, value);
    // what is there already is looked up only if it matters
    if (beyond({ families: claims.size + 1, keys: keys + 1, octets: octets + size }, limits) === undefined) return;
    const excess = beyond(exactly(origin, { set: new Map([[family, new Map([[key, value]])]]) }), limits);
    if (excess !== undefined) throw new RangeError(`this node would have set ${excess}`);
  };

  return {
    /** Returns the stamp of this setting. */
    set(family: string, key: string, value: unknown): number {
      checkRoom(family, key, value);
      merge.set(origin, family, key, value, ++stamp);
      return stamp;
    },
    /** Whether a key is what that setting has made it. */
    isFrom: (family: string, key: string, setting: number): boolean => origin.claims.get(family)?.get(key)?.stamp === setting,
    /** Returns whether the key was there. */
    del: (family: string, key: string): boolean => merge.del(origin, family, key),
    /** What a master elsewhere has to know: this node's keys, and those of nodes that it speaks for. */
    all: (): Shard => merge.own(),
    /** What differs from what was told, per family; from now on it counts as told. For a master elsewhere, to whom only this node's keys matter. */
    takeUpdates(): ReadonlyMap<string, Difference> {
      const updates = merge.flush().flatMap(({ family, own }) => (own === undefined ? [] : [[family, own] as const]));
      // who shrinks goes first, so that a shard at its limits stays within them on the way
      return new Map(updates.sort(([, a], [, b]) => a.set.size - a.del.length - (b.set.size - b.del.length)));
    },
  };
}
