import type { DatabaseRequest, Entries, Query } from '../../wire/database.js';
import type { FamilyChange } from '../family-change.js';
import { createFamilyStore, type FamilyStore } from './family-store.js';
import type { LocalShard } from './local-shard.js';

type RequestOf<K extends DatabaseRequest['kind']> = Extract<DatabaseRequest, { kind: K }>;

/** What a replica needs of the node. */
export interface ReplicaContext {
  send(master: string, request: DatabaseRequest): void;
  /** Makes of values from elsewhere what this node shows; without those that it does not want. */
  admit(family: string, entries: Entries): Entries;
  changed(family: string, change: FamilyChange): void;
}

/** A family that somebody on this node watches. */
interface Watched {
  readonly store: FamilyStore;
  /** Its content has come once. */
  known: boolean;
  /** The master has been asked and has not answered: what changes meanwhile is in the answer. */
  awaiting: boolean;
  /** The pieces of a long answer, so far. */
  pieces: Map<string, unknown>;
}

/** A query that waits for its answer. */
interface Asked {
  readonly request: RequestOf<Query>;
  readonly parts: unknown[];
  answered(result: unknown): void;
}

interface Sought {
  readonly found: Set<(addresses: readonly string[] | null) => void>;
}

export type Replica = ReturnType<typeof createReplica>;

/**
 * The side of the database that every node has: what it has set itself, the families that it watches, and what it asks.
 * All of it survives a change of master (S21, S28). Pure: what comes from the master goes in by `receive`, and requests
 * go out by `send`.
 */
export function createReplica({ send, admit, changed }: ReplicaContext, shard: LocalShard) {
  const watched = new Map<string, Watched>();
  const asked = new Map<string, Asked>();
  const sought = new Map<string, Sought>();
  /** How many answers are to come to questions of families that were closed since. */
  const overdue = new Map<string, number>();
  /** Who is told of this node's shard. */
  let holder: string | undefined;
  /** Who is asked. It is the same node, but while this node becomes global and has not heard of all yet. */
  let source: string | undefined;
  let counter = 0;

  const ask = (request: DatabaseRequest): void => {
    if (source !== undefined) send(source, request);
  };

  /** What this node has set since the last flush leaves, one message per family (D8). */
  const flush = (): void => {
    const updates = shard.takeUpdates();
    if (holder === undefined) return;
    for (const [family, { set, del }] of updates) send(holder, { kind: 'g_upd', family, set, del, scope: 'own' });
  };

  const watch = (family: string, one: Watched): void => {
    one.awaiting = true;
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

  /** The whole family: what differs from what was known is the change (S28). */
  const whole = (family: string, one: Watched, content: Entries): void => {
    one.awaiting = false;
    one.pieces = new Map();
    const change = one.store.replace(admit(family, content));
    if (one.known) {
      if (change !== undefined) changed(family, change);
      return;
    }
    one.known = true;
    changed(family, one.store.current());
  };

  const changes = (one: Watched, { family, set, del }: RequestOf<'g_chg2'>): void => {
    if (one.awaiting) return;
    const admitted = admit(family, set);
    // a value that is not admitted takes the place of one that was
    const hidden = admitted.size < set.size ? [...set.keys()].filter((key) => !admitted.has(key)) : [];
    const change = one.store.apply(admitted, hidden.length > 0 ? [...del, ...hidden] : del);
    if (change !== undefined) changed(family, change);
  };

  const reply = ({ id, result, more }: RequestOf<'g_reply'>): void => {
    const waiting = asked.get(String(id));
    if (waiting === undefined) return;
    waiting.parts.push(result);
    if (more) return;
    asked.delete(String(id));
    waiting.answered(waiting.parts.length === 1 ? result : joined(waiting.parts));
  };

  return {
    /** Tells another master of the shard; undefined: there is none. */
    setHolder(node: string | undefined): void {
      if (holder === node) return;
      flush();
      holder = node;
      if (node !== undefined) send(node, { kind: 'g_slave', db: shard.all() });
    },
    /** Asks another master from now on, for all that is open too; undefined: there is none. */
    setSource(node: string | undefined): void {
      if (source === node) return;
      for (const family of watched.keys()) ask({ kind: 'g_mon0', family });
      source = node;
      overdue.clear();
      for (const id of sought.keys()) ask({ kind: 'g_find', node: id });
      for (const [family, one] of watched) watch(family, one);
      for (const query of asked.values()) {
        query.parts.length = 0;
        ask(query.request);
      }
    },
    get holder() {
      return holder;
    },
    get source() {
      return source;
    },
    flush,
    /** What the master says; what anybody else says is not heard. */
    receive(from: string, request: DatabaseRequest): void {
      if (from !== source) return;
      switch (request.kind) {
        case 'g_chg1': {
          if (isOverdue(request)) return;
          const one = watched.get(request.family);
          if (one === undefined) return;
          for (const [key, value] of request.content) one.pieces.set(key, value);
          one.awaiting = true;
          if (!request.more) whole(request.family, one, one.pieces);
          break;
        }
        case 'g_chg2': {
          const one = watched.get(request.family);
          if (one !== undefined) changes(one, request);
          break;
        }
        case 'g_reply':
          reply(request);
          break;
        case 'g_found': {
          const waiting = sought.get(request.node);
          sought.delete(request.node);
          for (const found of waiting?.found ?? []) found(request.addresses);
          break;
        }
        default:
          break;
      }
    },
    /** Begins to watch a family, or gives what is known of it: undefined as long as that is nothing. */
    open(family: string): FamilyStore | undefined {
      let one = watched.get(family);
      if (one === undefined) {
        one = { store: createFamilyStore(), known: false, awaiting: true, pieces: new Map() };
        watched.set(family, one);
        flush();
        watch(family, one);
      }
      return one.known ? one.store : undefined;
    },
    /** Nobody watches the family any more. */
    close(family: string): void {
      const one = watched.get(family);
      if (one === undefined) return;
      watched.delete(family);
      if (source !== undefined && one.awaiting) overdue.set(family, (overdue.get(family) ?? 0) + 1);
      ask({ kind: 'g_mon0', family });
    },
    /** Asks the master; the result takes the question back. */
    query(kind: Query, family: string, answered: (result: unknown) => void): () => void {
      const id = (++counter).toString(36);
      const request = { kind, family, id } as const;
      asked.set(id, { request, parts: [], answered });
      // after all that was set before
      flush();
      ask(request);
      return () => void asked.delete(id);
    },
    /** Asks where a node listens; the result takes the question back. */
    find(node: string, found: (addresses: readonly string[] | null) => void): () => void {
      const waiting = sought.get(node) ?? { found: new Set() };
      waiting.found.add(found);
      if (!sought.has(node)) {
        sought.set(node, waiting);
        ask({ kind: 'g_find', node });
      }
      return () => {
        waiting.found.delete(found);
        if (waiting.found.size === 0 && sought.get(node) === waiting) sought.delete(node);
      };
    },
  };
}

/** The pieces of a long answer as one: lists, or objects. */
function joined(parts: readonly unknown[]): unknown {
  if (Array.isArray(parts[0])) return parts.flat(1);
  return new Map(parts.flatMap((part) => [...entriesOf(part)]));
}

/** The answer to a query of a family, from elsewhere or from this node itself. */
export function entriesOf(result: unknown): Entries {
  if (result instanceof Map) return result as Entries;
  return new Map(typeof result === 'object' && result !== null && !Array.isArray(result) ? Object.entries(result) : []);
}

