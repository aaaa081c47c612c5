import { Subscription, type Observable } from 'rxjs';
import type { DatabaseRequest, Query, RequestOf } from '../wire/database.js';
import type { Directory } from './core/directory.js';
import { relayAddresses } from './core/relays.js';
import type { Replica } from './core/replica.js';
import { changesKeys, type FamilyChange } from './family-change.js';

export interface GatewayContext {
  readonly self: string;
  readonly directory: Pick<Directory, 'keep'>;
  readonly replica: Pick<Replica, 'query'>;
  watch(family: string): Observable<FamilyChange>;
  find(node: string, found: (addresses: readonly string[] | null) => void): () => void;
  /** Whether this node is connected with that one itself, and would pass connections on to it. */
  relaysTo(node: string): boolean;
  send(nodes: readonly string[], request: DatabaseRequest): void;
  /** A node asks this one as a global node. */
  asked(node: string, request: DatabaseRequest): void;
}

/** All that a node waits for, in the order in which it came, and what of it are families that it watches now. */
interface Served {
  readonly demands: Set<Demand>;
  readonly watched: Map<string, Demand>;
}

/** What a node has asked for: an answer, or a family from now on. */
interface Demand {
  readonly request: DatabaseRequest;
  isAnswered: boolean;
  /** The node watches the family no more, but counts on the answer. */
  isLate: boolean;
  /** Ends it. */
  readonly served: Subscription;
}

/**
 * The master of nodes that are attached to a slave (V19): what they have set counts as this node's own, and what they ask is asked of
 * this node's master. So a page with workers need not become a global node. Each `g_mon1` gets its answer, as from any master.
 */
export function createGateway({ self, directory, replica, watch, find, relaysTo, send, asked }: GatewayContext) {
  const all = new Map<string, Served>();

  const servedOf = (node: string): Served => {
    const served = all.get(node) ?? { demands: new Set(), watched: new Map() };
    all.set(node, served);
    return served;
  };

  const demand = (node: string, request: DatabaseRequest): Demand => {
    const { demands } = servedOf(node);
    const one: Demand = { request, isAnswered: false, isLate: false, served: new Subscription(() => { demands.delete(one); }) };
    demands.add(one);
    return one;
  };

  const follow = (node: string, family: string): void => {
    const one = demand(node, { kind: 'g_mon1', family });
    servedOf(node).watched.set(family, one);
    one.served.add(watch(family).subscribe((change) => {
      const { family: content, add, chg, del } = change;
      if (!one.isAnswered) send([node], { kind: 'g_chg1', family, content: inOrder(content), more: false });
      else if (changesKeys(change)) send([node], { kind: 'g_chg2', family, set: new Map([...add, ...chg].map((key) => [key, content.get(key)])), del });
      one.isAnswered = true;
      if (one.isLate) one.served.unsubscribe();
    }));
  };

  /** The node watches a family no more. */
  const leave = (node: string, family: string): void => {
    const { watched } = servedOf(node);
    const one = watched.get(family);
    watched.delete(family);
    if (one?.isAnswered === false) one.isLate = true;
    else one?.served.unsubscribe();
  };

  const ask = (node: string, request: RequestOf<Query>): void => {
    const { kind, family, id } = request;
    const one = demand(node, request);
    one.served.add(replica.query(kind, family, (result) => {
      one.served.unsubscribe();
      send([node], { kind: 'g_reply', id, result, more: false });
    }));
  };

  const look = (node: string, request: RequestOf<'g_find'>): void => {
    const { node: wanted } = request;
    const own = relaysTo(wanted) ? relayAddresses(wanted, [self]) : [];
    const one = demand(node, request);
    one.served.add(find(wanted, (addresses) => {
      one.served.unsubscribe();
      const known = [...(addresses ?? []), ...own];
      send([node], { kind: 'g_found', node: wanted, addresses: known.length > 0 ? known : null });
    }));
  };

  const forget = (node: string): void => {
    const demands = all.get(node)?.demands ?? [];
    all.delete(node);
    for (const { served } of [...demands]) served.unsubscribe();
  };

  return {
    request(node: string, request: DatabaseRequest): void {
      switch (request.kind) {
        case 'g_slave':
        case 'g_upd':
          directory.keep(node, request);
          break;
        case 'g_mon1':
          leave(node, request.family);
          follow(node, request.family);
          break;
        case 'g_mon0':
          leave(node, request.family);
          break;
        case 'g_db_family':
        case 'g_db_keys':
        case 'g_db_values':
          ask(node, request);
          break;
        case 'g_find':
          look(node, request);
          break;
        default:
          break;
      }
    },
    /** The connection with a node is gone. */
    down: forget,
    /** This node has become global: it answers itself from now on, but those who stay. */
    becomeGlobal(stays: (node: string) => boolean): void {
      for (const [node, { demands }] of [...all]) {
        if (stays(node)) continue;
        const open = [...demands];
        forget(node);
        for (const { request, isLate } of open) {
          asked(node, request);
          if (isLate && request.kind === 'g_mon1') asked(node, { kind: 'g_mon0', family: request.family });
        }
      }
    },
    close(): void {
      for (const node of [...all.keys()]) forget(node);
    },
  };
}

/** A family has its keys in another order in each process, and a simulated run must be the same again in any. */
const inOrder = (content: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> => new Map([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
