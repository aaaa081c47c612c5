import type { DatabaseRequest, Entries, Query, RequestOf } from '../../wire/database.js';
import type { Forbidden } from '../../kernel/errors.js';
import type { FamilyStore } from './family-store.js';
import type { LocalShard } from './local-shard.js';
import { GLOBALS } from './names.js';
import { createWatches, type WatchesContext } from './watches.js';

/** What a replica needs of the node. */
export interface ReplicaContext extends Omit<WatchesContext, 'ask'> {
  /** The id of this node, whose own directory has its shard already. */
  readonly self: string;
  send(master: string, request: DatabaseRequest): void;
  /** Runs a task when what runs now is over, before anything else comes in. */
  run(task: () => void): void;
}

/** A query that waits for its answer. */
interface Asked {
  readonly request: RequestOf<Query>;
  readonly parts: unknown[];
  answered(result: unknown): void;
  /** There will be no answer. */
  denied?: ((error: Forbidden) => void) | undefined;
}

/** Hears where a node listens; null: nobody knows. */
type Found = (addresses: readonly string[] | null) => void;

export type Replica = ReturnType<typeof createReplica>;

/**
 * The side of the database that every node has: what it has set itself, the families that it watches, and what it asks.
 * All of it survives a change of master (S21, S28). Pure: what comes from the master goes in by `receive`, and requests
 * go out by `send`.
 */
export function createReplica({ self, send, run, ...context }: ReplicaContext, shard: LocalShard) {
  const asked = new Map<string, Asked>();
  /** Nodes that somebody looks for. */
  const sought = new Map<string, Set<Found>>();
  /** Who is told of this node's shard. */
  let holder: string | undefined;
  /** Who is asked. It is the same node, but while this node becomes global and has not heard of all yet. */
  let source: string | undefined;
  let counter = 0;
  /** The link to the source is suspended. */
  let isSuspended = false;
  /** Takes back the question whose answer says that the master has told all that it could not while it was suspended. */
  let stopCatchingUp = (): void => undefined;

  const ask = (request: DatabaseRequest): void => {
    if (source !== undefined) send(source, request);
  };

  /** What this node has set since the last flush leaves for a master elsewhere, one message per family (D8). */
  const flush = (): void => {
    if (holder === undefined || holder === self) return;
    for (const [family, { set, del }] of shard.takeUpdates()) send(holder, { kind: 'g_upd', family, set, del, scope: 'own' });
  };

  const watches = createWatches({ ask, ...context });

  const reply = ({ id, result, more }: RequestOf<'g_reply'>): void => {
    const waiting = asked.get(String(id));
    if (waiting === undefined) return;
    waiting.parts.push(result);
    if (more) return;
    asked.delete(String(id));
    waiting.answered(waiting.parts.length === 1 ? result : joined(waiting.parts));
  };

  const query = (kind: Query, family: string, answered: (result: unknown) => void, denied?: (error: Forbidden) => void): (() => void) => {
    const id = (++counter).toString(36);
    const request = { kind, family, id } as const;
    asked.set(id, { request, parts: [], answered, denied });
    // after all that was set before
    flush();
    ask(request);
    return () => void asked.delete(id);
  };

  return {
    /** Tells another master of the shard; undefined: there is none. */
    setHolder(node: string | undefined): void {
      if (holder === node) return;
      flush();
      holder = node;
      if (node === undefined || node === self) return;
      shard.takeUpdates();
      send(node, { kind: 'g_slave', db: shard.all() });
    },
    /** Asks another master from now on, for all that is open too; undefined: there is none. */
    setSource(node: string | undefined): void {
      if (source === node) return;
      watches.leave();
      stopCatchingUp();
      isSuspended = false;
      source = node;
      if (node === undefined) run(() => { if (source === undefined) watches.vouch(false); });
      for (const id of sought.keys()) ask({ kind: 'g_find', node: id });
      if (node !== undefined) watches.join();
      for (const query of asked.values()) {
        query.parts.length = 0;
        ask(query.request);
      }
    },
    /** The link to the source is suspended, or goes on: then what it carries first is what has changed meanwhile. */
    setSuspended(is: boolean): void {
      if (isSuspended === is) return;
      isSuspended = is;
      stopCatchingUp();
      if (is) watches.vouch(false);
      else stopCatchingUp = query('g_db_keys', GLOBALS, () => { watches.vouch(true); });
    },
    get holder() {
      return holder;
    },
    get source() {
      return source;
    },
    /** Whether nodes may be unknown because they have not found the new master yet. */
    get isRegrouping() {
      return watches.isRegrouping;
    },
    /** The master does not answer a question. */
    denied(id: string, error: Forbidden): void {
      const waiting = asked.get(id);
      asked.delete(id);
      waiting?.denied?.(error);
    },
    restarted: watches.restarted,
    end: watches.end,
    flush,
    /** What the master says; what anybody else says is not heard. */
    receive(from: string, request: DatabaseRequest): void {
      if (from !== source) return;
      switch (request.kind) {
        case 'g_chg1':
          watches.content(request);
          break;
        case 'g_chg2':
          watches.change(request);
          break;
        case 'g_reply':
          reply(request);
          break;
        case 'g_found': {
          const waiting = sought.get(request.node);
          sought.delete(request.node);
          for (const found of waiting ?? []) found(request.addresses);
          break;
        }
        default:
          break;
      }
    },
    /** Begins to watch a family, or gives what is known of it: undefined as long as that is nothing. */
    open(family: string): FamilyStore | undefined {
      // after all that was set before
      flush();
      return watches.open(family);
    },
    /** Nobody watches the family any more. */
    close(family: string): void {
      watches.close(family, source !== undefined);
    },
    /** Asks the master; the result takes the question back. */
    query,
    /** Asks where a node listens; the result takes the question back. */
    find(node: string, found: Found): () => void {
      const waiting = sought.get(node) ?? new Set<Found>();
      waiting.add(found);
      if (!sought.has(node)) {
        sought.set(node, waiting);
        ask({ kind: 'g_find', node });
      }
      return () => {
        waiting.delete(found);
        if (waiting.size === 0 && sought.get(node) === waiting) sought.delete(node);
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

