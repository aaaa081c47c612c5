import type { DatabaseRequest, Entries, Shard } from '../../wire/database.js';
import type { Merge } from './merge.js';
import { checkQuota, type Origin, type ShardLimits } from './origin.js';

type Update = Extract<DatabaseRequest, { kind: 'g_upd' }>;

/** Another node, or this one, as a global node knows it. */
interface Member {
  /** What the node has set itself, if it is a slave. */
  slave: Origin | undefined;
  /** What its slaves have set, merged, if it is a global node. */
  merged: Origin | undefined;
  /** Its `g_set` has come. */
  told: boolean;
  /** It has introduced itself again: its next `g_set` takes the place of the last one. */
  renewing: boolean;
}

/**
 * Whose shard is whose (D1). AnyEvent::MP's globals may make one of the seeds their master too, and then send two kinds of
 * shard: what they have set (`g_slave`, `g_upd` of scope `own`) and what their slaves have (`g_set`, `g_upd` of scope
 * `merged`). The two are kept apart, so that a key is lost only when both have dropped it, in whatever order they come, and
 * what somebody tells as a global is never told on (D3, wire.md §6).
 */
export function createMembers(merge: Merge, limits: ShardLimits) {
  const members = new Map<string, Member>();

  const member = (node: string): Member => {
    let found = members.get(node);
    if (found === undefined) {
      found = { slave: undefined, merged: undefined, told: false, renewing: false };
      members.set(node, found);
    }
    return found;
  };

  const setAll = (origin: Origin, db: Shard): void => {
    for (const [family, entries] of db) for (const [key, value] of entries) merge.set(origin, family, key, value);
  };

  const keepOnly = (origin: Origin, db: Shard): void => {
    for (const [family, held] of [...origin.claims]) {
      const kept = db.get(family);
      for (const key of [...held.keys()]) if (kept?.has(key) !== true) merge.del(origin, family, key);
    }
  };

  const slaveOf = (node: string): Origin => {
    const known = member(node);
    // the own shard of a global is its own business, until its `g_set` shows that some of it isn't told there
    known.slave ??= merge.origin(node, known.merged === undefined || known.told);
    return known.slave;
  };

  /** What a node has set itself. What it has told as a global is changed there, which is how AnyEvent::MP means it. */
  const setOwn = (origin: Origin, merged: Origin | undefined, family: string, entries: Entries): void => {
    for (const [key, value] of entries) merge.set(merged !== undefined && holds(merged, family, key) ? merged : origin, family, key, value);
  };

  return {
    /** What a slave holds is from now on exactly this. */
    setSlave(node: string, db: Shard): void {
      checkQuota(merge.origin(node, true), db, limits);
      const origin = slaveOf(node);
      const { merged } = member(node);
      keepOnly(origin, db);
      for (const [family, entries] of db) setOwn(origin, merged, family, entries);
    },
    update(node: string, { family, set, del, scope }: Update): void {
      const { merged, slave } = member(node);
      const all = scope === 'merged' || slave === undefined ? merged : undefined;
      const origin = all ?? slaveOf(node);
      checkQuota(origin, new Map([[family, set]]), limits);
      setOwn(origin, merged, family, set);
      for (const key of del) merge.del(merged !== undefined && !holds(origin, family, key) ? merged : origin, family, key);
    },
    /** A node is global; with `meets` this one is too, and what it has set itself is told by itself. */
    isGlobal(node: string, meets: boolean): void {
      const known = member(node);
      known.merged ??= merge.origin(node, false);
      if (!meets) return;
      known.renewing = known.told;
      if (!known.told && known.slave !== undefined) merge.setOwn(known.slave, false);
    },
    /** What the slaves of a global node have set. */
    setMerged(node: string, db: Shard): void {
      const known = member(node);
      const origin = (known.merged ??= merge.origin(node, false));
      checkQuota(origin, db, limits);
      if (known.renewing) keepOnly(origin, db);
      setAll(origin, db);
      known.told = true;
      known.renewing = false;
      if (known.slave === undefined) return;
      // what it tells as a global it need not tell as a slave; the rest nobody else would hear of
      for (const [family, entries] of db) for (const key of entries.keys()) merge.del(known.slave, family, key);
      merge.setOwn(known.slave, true);
    },
    /** Returns whether anything was known of the node. */
    forget(node: string): boolean {
      const known = members.get(node);
      for (const origin of [known?.slave, known?.merged]) if (origin !== undefined) merge.clear(origin);
      return members.delete(node);
    },
    globals: (): string[] => [...members].filter(([, { merged }]) => merged !== undefined).map(([node]) => node),
    hasTold: (node: string): boolean => members.get(node)?.told === true,
  };
}

const holds = (origin: Origin, family: string, key: string): boolean => origin.claims.get(family)?.has(key) === true;
