import type { Limits } from '../../env/limits.js';
import type { DatabaseRequest, Entries, Query, Shard } from '../../wire/database.js';
import { createMerge, type MergeChange } from './merge.js';
import { GLOBALS, LISTENERS, WEB_LISTENERS } from './names.js';
import { checkQuota, type Origin, type ShardLimits } from './origin.js';
import { createWatchers } from './watchers.js';

type RequestOf<K extends DatabaseRequest['kind']> = Extract<DatabaseRequest, { kind: K }>;

/** What a directory needs of the node. */
export interface DirectoryContext {
  /** The id of this node, which is a slave of its own directory. */
  readonly self: string;
  readonly limits: ShardLimits & Pick<Limits, 'peerFamilies'>;
  send(nodes: readonly string[], request: DatabaseRequest): void;
  /** Whether a node knows addresses other than `host:port`. */
  knowsUrls(node: string): boolean;
  /** Somebody wants this node to be global. */
  wanted(): void;
}

/** Another node, or this one, as a directory knows it. */
interface Member {
  /** What the node has set itself, if it is a slave. */
  slave: Origin | undefined;
  /** What its slaves have set, merged, if it is a global node. */
  merged: Origin | undefined;
  /** Its `g_set` has come. */
  told: boolean;
}

export type Directory = ReturnType<typeof createDirectory>;

/**
 * The global side of the database: takes shards from slaves and from other globals, merges them, and tells both what has
 * changed. Pure: requests go in by `request`, and out by `send`; what changes leaves with `flush` (D8).
 *
 * AnyEvent::MP's globals may make one of the seeds their master too, and then send two kinds of shard: what they have set
 * (`g_slave`, `g_upd` of scope `own`) and what their slaves have (`g_set`, `g_upd` of scope `merged`). The two are kept
 * apart, so that a key is lost only when both have dropped it, in whatever order they come (wire.md §6).
 */
export function createDirectory(context: DirectoryContext) {
  const { self, limits, send } = context;
  const merge = createMerge(self);
  const members = new Map<string, Member>();
  const watchers = createWatchers(limits.peerFamilies);
  /** Where the other globals are, so that all nodes can find them (wire.md §3): as if set by the least of the slaves. */
  const mirror = merge.origin('', true);
  let isGlobal = false;

  const member = (node: string): Member => {
    let found = members.get(node);
    if (found === undefined) {
      found = { slave: undefined, merged: undefined, told: false };
      members.set(node, found);
    }
    return found;
  };

  /** The globals that have our shard. */
  const globals = (): string[] => [...members].filter(([, { merged }]) => merged !== undefined).map(([node]) => node);

  const setAll = (origin: Origin, db: Shard): void => {
    for (const [family, entries] of db) for (const [key, value] of entries) merge.set(origin, family, key, value);
  };

  const slaveOf = (node: string): Origin => {
    const known = member(node);
    // the own shard of a global is its own business, until its `g_set` shows that some of it isn't told there
    known.slave ??= merge.origin(node, known.merged === undefined || known.told);
    return known.slave;
  };

  const isSlave = (node: string, db: Shard): void => {
    checkQuota(merge.origin(node, true), db, limits);
    const origin = slaveOf(node);
    const { merged } = member(node);
    for (const [family, held] of [...origin.claims]) {
      const kept = db.get(family);
      for (const key of [...held.keys()]) if (kept?.has(key) !== true) merge.del(origin, family, key);
    }
    for (const [family, entries] of db) setOwn(origin, merged, family, entries);
  };

  /** What a node has set itself. What it has told as a global is changed there, which is how AnyEvent::MP means it. */
  const setOwn = (origin: Origin, merged: Origin | undefined, family: string, entries: Entries): void => {
    for (const [key, value] of entries) merge.set(merged !== undefined && holds(merged, family, key) ? merged : origin, family, key, value);
  };

  const isPeer = (node: string): void => {
    const known = member(node);
    if (!isGlobal) {
      known.merged ??= merge.origin(node, false);
      return;
    }
    meet(node, known);
  };

  /** Tells another global who this one is, and of its slaves. */
  const meet = (node: string, known: Member): void => {
    flush();
    known.merged ??= merge.origin(node, false);
    if (!known.told && known.slave !== undefined) merge.setOwn(known.slave, false);
    merge.set(mirror, GLOBALS, node, null);
    flush();
    send([node], { kind: 'g_set', db: merge.own() });
  };

  const hasTold = (node: string, db: Shard): void => {
    const known = member(node);
    const origin = (known.merged ??= merge.origin(node, false));
    checkQuota(origin, db, limits);
    setAll(origin, db);
    known.told = true;
    for (const family of [LISTENERS, WEB_LISTENERS]) {
      const addresses = db.get(family)?.get(node);
      if (addresses !== undefined) merge.set(mirror, family, node, addresses);
    }
    if (known.slave === undefined) return;
    // what it tells as a global it need not tell as a slave; the rest nobody else would hear of
    for (const [family, entries] of db) for (const key of entries.keys()) merge.del(known.slave, family, key);
    merge.setOwn(known.slave, true);
  };

  const update = (node: string, { family, set, del, scope }: RequestOf<'g_upd'>): void => {
    const { merged, slave } = member(node);
    const all = scope === 'merged' || slave === undefined ? merged : undefined;
    const origin = all ?? slaveOf(node);
    checkQuota(origin, new Map([[family, set]]), limits);
    setOwn(origin, merged, family, set);
    for (const key of del) merge.del(merged !== undefined && !holds(origin, family, key) ? merged : origin, family, key);
  };

  const monitor = (node: string, family: string): void => {
    // what has changed before is in the answer, and must not come again
    flush();
    watchers.add(node, family);
    send([node], { kind: 'g_chg1', family, content: merge.visible(family), more: false });
  };

  const addressesOf = (node: string, asker: string): readonly string[] | null => {
    const known = [LISTENERS, ...(context.knowsUrls(asker) ? [WEB_LISTENERS] : [])]
      .map((family) => merge.get(family, node))
      .filter((addresses) => Array.isArray(addresses));
    if (known.length === 0) return null;
    const texts = known.flat().filter((address) => typeof address === 'string');
    return context.knowsUrls(asker) ? texts : texts.filter((address) => !address.includes('://'));
  };

  const tell = ({ family, visible, own }: MergeChange): void => {
    if (own !== undefined && isGlobal) {
      const nodes = globals();
      if (nodes.length > 0) send(nodes, { kind: 'g_upd', family, ...own, scope: 'merged' });
    }
    const watching = visible === undefined ? [] : watchers.of(family);
    if (visible !== undefined && watching.length > 0) send(watching, { kind: 'g_chg2', family, ...visible });
  };

  const flush = (): void => {
    for (const change of merge.flush()) tell(change);
  };

  const forget = (node: string): void => {
    watchers.removeNode(node);
    const known = members.get(node);
    if (known === undefined) return;
    members.delete(node);
    for (const origin of [known.slave, known.merged]) if (origin !== undefined) merge.clear(origin);
    for (const family of [GLOBALS, LISTENERS, WEB_LISTENERS]) merge.del(mirror, family, node);
  };

  return {
    /**
     * A request of a node; of this node itself as well, whose replica is a slave like any other. Throws
     * {@link ProtocolError} for what goes beyond the limits, and then has changed nothing (D9).
     */
    request(from: string, request: DatabaseRequest): void {
      if (!isGlobal && from !== self && request.kind !== 'g_slave' && request.kind !== 'g_global') return;
      switch (request.kind) {
        case 'g_slave':
          if (!isGlobal && from !== self) context.wanted();
          if (request.db !== undefined) isSlave(from, request.db);
          break;
        case 'g_global':
          isPeer(from);
          break;
        case 'g_set':
          hasTold(from, request.db);
          break;
        case 'g_upd':
          update(from, request);
          break;
        case 'g_find':
          send([from], { kind: 'g_found', node: request.node, addresses: addressesOf(request.node, from) });
          break;
        case 'g_db_family':
        case 'g_db_keys':
        case 'g_db_values':
          send([from], { kind: 'g_reply', id: request.id, result: answer(request.kind, request.family), more: false });
          break;
        case 'g_mon1':
          monitor(from, request.family);
          break;
        case 'g_mon0':
          watchers.remove(from, request.family);
          break;
        case 'g_found':
        case 'g_reply':
        case 'g_chg1':
        case 'g_chg2':
          break;
      }
    },
    /** A connection is there. */
    up(node: string): void {
      if (isGlobal) send([node], { kind: 'g_global' });
    },
    /** A connection is gone, and with it all that the node had told (D5, S25). */
    down: forget,
    /** From now on this is a global node; `up` are the nodes that it is connected with. */
    becomeGlobal(up: readonly string[]): void {
      if (isGlobal) return;
      isGlobal = true;
      merge.set(mirror, GLOBALS, self, null);
      if (up.length > 0) send(up, { kind: 'g_global' });
      for (const [node, known] of members) if (known.merged !== undefined) meet(node, known);
    },
    flush,
    get isDirty() {
      return merge.isDirty;
    },
    get isGlobal() {
      return isGlobal;
    },
    /** Whether a node is a global one, and whether it has told of its slaves. */
    isPeer: (node: string): boolean => members.get(node)?.merged !== undefined,
    hasTold: (node: string): boolean => members.get(node)?.told === true,
    globals: (): readonly string[] => merge.keys(GLOBALS),
    addressesOf,
  };

  function answer(query: Query, family: string): RequestOf<'g_reply'>['result'] {
    switch (query) {
      case 'g_db_family':
        return merge.visible(family);
      case 'g_db_keys':
        return merge.keys(family);
      case 'g_db_values':
        return merge.values(family);
    }
  }
}

const holds = (origin: Origin, family: string, key: string): boolean => origin.claims.get(family)?.has(key) === true;
