import type { Limits } from '../../env/limits.js';
import type { DatabaseRequest, Query, RequestOf, Shard } from '../../wire/database.js';
import { createMembers } from './members.js';
import type { Merge, MergeChange } from './merge.js';
import { GLOBALS, HEARD, LISTENERS, RELAYS, WEB_LISTENERS } from './names.js';
import type { ShardLimits } from './origin.js';
import { relayAddresses, relaysOf } from './relays.js';
import { createWatchers } from './watchers.js';

/** What a directory needs of the node. */
export interface DirectoryContext {
  /** The id of this node, which asks its own directory like any slave. */
  readonly self: string;
  readonly limits: ShardLimits & Pick<Limits, 'peerFamilies' | 'peerShards'>;
  send(nodes: readonly string[], request: DatabaseRequest): void;
  /** Whether a node is one of rxmp, not of AnyEvent::MP. */
  isRxmp(node: string): boolean;
  /** Whether this node is connected with that one, and would pass connections on to it (V6). */
  relaysTo(node: string): boolean;
  /** Somebody wants this node to be global. */
  wanted(): void;
  /** Runs a task when the other globals have had time to hear one that is new, in `limits.handoverTime`; the result takes it back. */
  handedOver(task: () => void): () => void;
}

export type Directory = ReturnType<typeof createDirectory>;

/**
 * The global side of the database: takes shards from slaves and from other globals, merges them, and tells both what has
 * changed. Pure: requests go in by `request`, and out by `send`; what changes leaves with `flush` (D8). What this node has
 * set itself is in the merge already.
 */
export function createDirectory(context: DirectoryContext, merge: Merge) {
  const { self, limits, send } = context;
  const members = createMembers(merge, limits, context.isRxmp);
  const watchers = createWatchers(limits.peerFamilies);
  /** Where the other globals are, so that all nodes can find them (wire.md §3): as if set by the least of the slaves. */
  const mirror = merge.origin('', true);
  let isGlobal = false;
  /** Slaves that have become global, and that this node still speaks for (S28), with what ends their time. */
  const vouched = new Map<string, () => void>();

  const stopVouching = (node: string): void => {
    vouched.get(node)?.();
    vouched.delete(node);
    members.stopVouching(node);
  };

  /** Stops to speak for those that every other global has heard; those of AnyEvent::MP don't tell, so they have all of the time. */
  const lookAtVouched = (): void => {
    for (const node of [...vouched.keys()]) {
      const others = members.globals().filter((other) => other !== node);
      const isHeard = members.hasTold(node) && others.every((other) => members.hasHeard(other, node));
      if (isHeard || !members.isVouched(node)) stopVouching(node);
    }
  };

  /** Tells another global who this one is, and of its slaves. */
  const meet = (node: string): void => {
    flush();
    // AnyEvent::MP's globals forget a key that anybody deletes, also one whose last master stops to speak for it
    const vouches = [node, ...members.globals()].every(context.isRxmp);
    if (!vouches) for (const one of [...vouched.keys()]) stopVouching(one);
    if (members.meets(node, vouches) && !vouched.has(node)) vouched.set(node, context.handedOver(() => { stopVouching(node); }));
    merge.set(mirror, GLOBALS, node, null);
    flush();
    send([node], { kind: 'g_set', db: context.isRxmp(node) ? merge.own() : withoutHeard(merge.own()), more: false });
  };

  const hasTold = (node: string, db: Shard, more: boolean): void => {
    members.setMerged(node, db, more);
    for (const family of [LISTENERS, WEB_LISTENERS]) {
      const addresses = db.get(family)?.get(node);
      if (addresses !== undefined) merge.set(mirror, family, node, addresses);
    }
    if (!more) merge.set(mirror, HEARD, node, null);
    lookAtVouched();
  };

  const monitor = (node: string, family: string): void => {
    // what has changed before is in the answer, and must not come again
    flush();
    watchers.add(node, family);
    send([node], { kind: 'g_chg1', family, content: merge.visible(family), more: false });
  };

  const addressesOf = (node: string, asker: string): readonly string[] | null => {
    const known = [LISTENERS, ...(context.isRxmp(asker) ? [WEB_LISTENERS] : [])]
      .map((family) => merge.get(family, node))
      .filter((addresses) => Array.isArray(addresses));
    const relays = context.isRxmp(asker) ? relayAddresses(node, [...(context.relaysTo(node) ? [self] : []), ...relaysOf(merge.get(RELAYS, node))]) : [];
    if (known.length === 0 && relays.length === 0) return null;
    const texts = known.flat().filter((address) => typeof address === 'string');
    return context.isRxmp(asker) ? [...texts, ...relays] : texts.filter((address) => !address.includes('://'));
  };

  const tell = ({ family, visible, own }: MergeChange): void => {
    if (own !== undefined && isGlobal) {
      const nodes = family === HEARD ? members.globals().filter(context.isRxmp) : members.globals();
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
    if (!members.forget(node)) return;
    for (const family of [GLOBALS, LISTENERS, WEB_LISTENERS, HEARD]) merge.del(mirror, family, node);
    lookAtVouched();
  };

  return {
    /**
     * A request of a node; of this node itself as well, whose replica asks like any other. Throws
     * {@link ProtocolError} for what goes beyond the limits, and then has changed nothing (D9).
     */
    request(from: string, request: DatabaseRequest): void {
      if (!isGlobal && from !== self && request.kind !== 'g_slave' && request.kind !== 'g_global') return;
      switch (request.kind) {
        case 'g_slave':
          if (!isGlobal) context.wanted();
          if (request.db !== undefined) members.setSlave(from, request.db);
          break;
        case 'g_global':
          if (isGlobal) meet(from);
          else members.isGlobal(from);
          break;
        case 'g_set':
          hasTold(from, request.db, request.more);
          break;
        case 'g_upd':
          members.update(from, request);
          if (request.family === HEARD) lookAtVouched();
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
    /** What a node has set, that this one speaks for although it is not global. */
    keep(node: string, request: RequestOf<'g_slave' | 'g_upd'>): void {
      if (request.kind === 'g_upd') members.update(node, request);
      else if (request.db !== undefined) members.setSlave(node, request.db);
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
      // what has changed before is in what the other globals are told below
      flush();
      isGlobal = true;
      merge.set(mirror, GLOBALS, self, null);
      if (up.length > 0) send(up, { kind: 'g_global' });
      for (const node of members.globals()) meet(node);
    },
    flush,
    /** Nodes that have become global, and that this one still speaks for. */
    vouched: (): readonly string[] => [...vouched.keys()],
    close(): void {
      for (const end of vouched.values()) end();
    },
    get isGlobal() {
      return isGlobal;
    },
    /** Whether a global node has told of its slaves. */
    hasTold: members.hasTold,
    /** All global nodes that anybody knows. */
    globals: (): readonly string[] => merge.keys(GLOBALS),
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

/** AnyEvent::MP's nodes have no use for it. */
function withoutHeard(db: Shard): Shard {
  return new Map([...db].filter(([family]) => family !== HEARD));
}
