import type { Limits } from '../../env/limits.js';
import type { Entries, RequestOf, Shard } from '../../wire/database.js';
import type { Merge } from './merge.js';
import { HEARD } from './names.js';
import { checkQuota, type Origin, type ShardLimits } from './origin.js';
import { equal } from './values.js';

/** Another node, as a global node knows it. */
interface Member {
  /** What the node has set itself, if it is a slave. */
  slave: Origin | undefined;
  /** What its slaves have set, merged, if it is a global node. */
  merged: Origin | undefined;
  /** Its `g_set` has come. */
  told: boolean;
  /** It has introduced itself again: its next `g_set` takes the place of the last one. */
  renewing: boolean;
  /** It has told something as a slave since it said that it is global: this node is still its master. */
  stays: boolean;
  /** Keys that it came with as a slave and has told nothing of since: if it was its own master before, it told them as a global, too. */
  brought: Map<string, Set<string>>;
}

/**
 * Whose shard is whose (D1). AnyEvent::MP's globals may make one of the seeds their master too, and then send two kinds of
 * shard: what they have set (`g_slave`, `g_upd` of scope `own`) and what their slaves have (`g_set`, `g_upd` of scope
 * `merged`). The two are kept apart, so that a key is lost only when both have dropped it, in whatever order they come, and
 * what somebody tells as a global is never told on (D3, wire.md §6).
 */
export function createMembers(
  merge: Merge,
  limits: ShardLimits & Pick<Limits, 'peerShards'>,
  isRxmp: (node: string) => boolean,
) {
  const members = new Map<string, Member>();

  const member = (node: string): Member => {
    let found = members.get(node);
    if (found === undefined) {
      found = { slave: undefined, merged: undefined, told: false, renewing: false, stays: true, brought: new Map() };
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

  /** What a node has set itself. */
  const setOwn = (known: Member, origin: Origin, family: string, entries: Entries): void => {
    const brought = known.brought.get(family);
    for (const [key, value] of entries) {
      // looked up only if it matters: of a large family that is a cache miss
      const before = brought?.has(key) === true ? origin.claims.get(family)?.get(key) : undefined;
      if (before !== undefined && !equal(before.value, value)) takeBack(known, family, key);
      merge.set(origin, family, key, value);
    }
  };

  /**
   * AnyEvent::MP's globals do not change what they have told as a global of themselves: what they tell as a slave means it.
   * Only what they brought can be such; everything else that they tell as a global is of their slaves, and stays.
   */
  const takeBack = ({ slave, merged, brought }: Member, family: string, key: string): void => {
    if (brought.get(family)?.delete(key) !== true) return;
    const [own, told] = [slave, merged].map((one) => one?.claims.get(family)?.get(key));
    if (merged !== undefined && own !== undefined && told !== undefined && equal(own.value, told.value)) merge.del(merged, family, key);
  };

  const isStillSlave = (known: Member, slave: Origin): void => {
    known.stays = true;
    if (slave.vouched) unvouch(slave);
    if (known.told) merge.setOwn(slave, true);
  };

  /** What a node that was a slave tells as a global it no longer tells as a slave. */
  const moved = ({ slave, stays }: Member, family: string, keys: Iterable<string>): void => {
    if (slave !== undefined && !stays) for (const key of keys) merge.del(slave, family, key);
  };

  const unvouch = (slave: Origin): void => {
    // first, since what was told for it until now counts as that
    merge.setOwn(slave, false);
    slave.vouched = false;
  };

  /** What is told for a node that has become global is what it tells itself, of the keys that it had. */
  const follow = (slave: Origin, family: string, set: Entries, del: Iterable<string>): void => {
    for (const [key, value] of set) if (slave.claims.get(family)?.has(key) === true) merge.set(slave, family, key, value);
    for (const key of del) merge.del(slave, family, key);
  };

  /** Once all of it has come: what it had as a slave and has no longer goes. */
  const followAll = (slave: Origin, merged: Origin): void => {
    for (const [family, held] of [...slave.claims]) {
      const now = merged.claims.get(family);
      for (const key of [...held.keys()]) {
        const claim = now?.get(key);
        if (claim === undefined) merge.del(slave, family, key);
        else merge.set(slave, family, key, claim.value);
      }
    }
  };

  return {
    /** What a slave holds is from now on exactly this. */
    setSlave(node: string, db: Shard): void {
      checkQuota(merge.origin(node, true), { set: db }, limits);
      const origin = slaveOf(node);
      const known = member(node);
      keepOnly(origin, db);
      for (const [family, entries] of db) setOwn(known, origin, family, entries);
      // rxmp's globals tell all as a global
      if (!isRxmp(node)) known.brought = new Map(Array.from(db, ([family, entries]) => [family, new Set(entries.keys())]));
      isStillSlave(known, origin);
    },
    update(node: string, { family, set, del, scope }: RequestOf<'g_upd'>): void {
      const known = member(node);
      const { merged, slave } = known;
      const planned = { set: new Map([[family, set]]), del: [family, del] } as const;
      if (merged !== undefined && (scope === 'merged' || slave === undefined)) {
        checkQuota(merged, planned, limits, limits.peerShards);
        for (const [key, value] of set) merge.set(merged, family, key, value);
        for (const key of del) merge.del(merged, family, key);
        for (const key of [...set.keys(), ...del]) known.brought.get(family)?.delete(key);
        if (slave?.vouched === true) follow(slave, family, set, del);
        else moved(known, family, [...set.keys(), ...del]);
        return;
      }
      const origin = slaveOf(node);
      checkQuota(origin, planned, limits);
      setOwn(known, origin, family, set);
      for (const key of del) {
        takeBack(known, family, key);
        merge.del(origin, family, key);
      }
      isStillSlave(known, origin);
    },
    /** A node is global, and this one is not yet. */
    isGlobal(node: string): void {
      member(node).merged ??= merge.origin(node, false);
    },
    /**
     * A node is global, as this one is: what it has set is told by itself. With `vouches` this node goes on telling what it was
     * told as its master, until others have heard the node. Returns whether there is such.
     */
    meets(node: string, vouches: boolean): boolean {
      const known = member(node);
      const { slave } = known;
      known.merged ??= merge.origin(node, false);
      known.stays = false;
      known.renewing = known.told;
      if (slave === undefined || known.told) return false;
      if (!vouches || !slave.own) merge.setOwn(slave, false);
      else slave.vouched = true;
      return slave.vouched;
    },
    /** Whether a node is one that has become global, and that this one still speaks for. */
    isVouched: (node: string): boolean => members.get(node)?.slave?.vouched === true,
    /** Others have heard the node, or had time enough for that. */
    stopVouching(node: string): void {
      const known = members.get(node);
      if (known?.slave?.vouched !== true) return;
      if (!known.told) unvouch(known.slave);
      else {
        merge.clear(known.slave);
        known.slave = undefined;
      }
    },
    /** Whether a global has told that it has heard another one. */
    hasHeard: (node: string, other: string): boolean => members.get(node)?.merged?.claims.get(HEARD)?.has(other) === true,
    /** What the slaves of a global node have set; `more` of it is to come. */
    setMerged(node: string, db: Shard, more: boolean): void {
      const known = member(node);
      const origin = (known.merged ??= merge.origin(node, false));
      checkQuota(origin, { set: db }, limits, limits.peerShards);
      if (known.renewing) for (const one of [origin, ...(known.slave !== undefined && !known.stays ? [known.slave] : [])]) keepOnly(one, db);
      setAll(origin, db);
      known.renewing = false;
      if (more) return;
      known.told = true;
      if (known.slave === undefined) return;
      if (known.stays) merge.setOwn(known.slave, true);
      else if (known.slave.vouched) followAll(known.slave, origin);
      else if (isRxmp(node)) {
        merge.clear(known.slave);
        known.slave = undefined;
      }
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
