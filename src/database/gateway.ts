import { Subscription, type Observable } from 'rxjs';
import type { DatabaseRequest, Query, RequestOf } from '../wire/database.js';
import type { Directory } from './core/directory.js';
import { relayAddresses } from './core/relays.js';
import type { Replica } from './core/replica.js';
import { changesKeys, type FamilyChange } from './family-change.js';

export interface GatewayContext {
  readonly self: string;
  readonly directory: Pick<Directory, 'keep' | 'request'>;
  readonly replica: Pick<Replica, 'query'>;
  watch(family: string): Observable<FamilyChange>;
  find(node: string, found: (addresses: readonly string[] | null) => void): () => void;
  /** Whether this node is connected with that one itself, and would pass connections on to it. */
  relaysTo(node: string): boolean;
  send(nodes: readonly string[], request: DatabaseRequest): void;
}

/** What a node has asked for: the families that it watches by name, and questions. */
interface Served {
  readonly watches: Map<string, Subscription>;
  readonly questions: Subscription;
}

/**
 * The master of nodes that are attached to a slave (V19): what they have set counts as this node's own, and what they ask is asked of
 * this node's master. So a page with workers need not become a global node.
 */
export function createGateway({ self, directory, replica, watch, find, relaysTo, send }: GatewayContext) {
  const all = new Map<string, Served>();

  const servedOf = (node: string): Served => {
    const known = all.get(node);
    if (known !== undefined) return known;
    const served: Served = { watches: new Map(), questions: new Subscription() };
    all.set(node, served);
    return served;
  };

  const follow = (node: string, family: string): Subscription => {
    let isFirst = true;
    return watch(family).subscribe((change) => {
      const { family: content, add, chg, del } = change;
      if (isFirst) send([node], { kind: 'g_chg1', family, content, more: false });
      else if (changesKeys(change)) send([node], { kind: 'g_chg2', family, set: new Map([...add, ...chg].map((key) => [key, content.get(key)])), del });
      isFirst = false;
    });
  };

  const ask = (node: string, { kind, family, id }: RequestOf<Query>): void => {
    const { questions } = servedOf(node);
    const question = new Subscription(replica.query(kind, family, (result) => {
      questions.remove(question);
      send([node], { kind: 'g_reply', id, result, more: false });
    }));
    questions.add(question);
  };

  const look = (node: string, wanted: string): void => {
    const { questions } = servedOf(node);
    const own = relaysTo(wanted) ? relayAddresses(wanted, [self]) : [];
    const question = new Subscription(find(wanted, (addresses) => {
      questions.remove(question);
      const known = [...(addresses ?? []), ...own];
      send([node], { kind: 'g_found', node: wanted, addresses: known.length > 0 ? known : null });
    }));
    questions.add(question);
  };

  const forget = (node: string): void => {
    const served = all.get(node);
    all.delete(node);
    served?.questions.unsubscribe();
    for (const watching of served?.watches.values() ?? []) watching.unsubscribe();
  };

  return {
    request(node: string, request: DatabaseRequest): void {
      const { watches } = servedOf(node);
      switch (request.kind) {
        case 'g_slave':
        case 'g_upd':
          directory.keep(node, request);
          break;
        case 'g_mon1':
          watches.get(request.family)?.unsubscribe();
          watches.set(request.family, follow(node, request.family));
          break;
        case 'g_mon0':
          watches.get(request.family)?.unsubscribe();
          watches.delete(request.family);
          break;
        case 'g_db_family':
        case 'g_db_keys':
        case 'g_db_values':
          ask(node, request);
          break;
        case 'g_find':
          look(node, request.node);
          break;
        default:
          break;
      }
    },
    /** The connection with a node is gone. */
    down: forget,
    /** This node has become global: it answers itself from now on, but those who stay. */
    becomeGlobal(stays: (node: string) => boolean): void {
      for (const [node, { watches }] of [...all]) {
        if (stays(node)) continue;
        const families = [...watches.keys()];
        forget(node);
        for (const family of families) directory.request(node, { kind: 'g_mon1', family });
      }
    },
    close(): void {
      for (const node of [...all.keys()]) forget(node);
    },
  };
}
