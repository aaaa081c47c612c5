import type { Client } from './client.js';
import { introduce } from './handshake.js';
import type { NodeG } from './perl-g.js';
import type { Message } from './recorded.js';

/** A hand-made node that speaks of the database. */
export interface DatabaseClient {
  readonly client: Client;
  /** Sends a request to the node port, and waits until it is carried out. */
  ask(...request: Message): Promise<void>;
  /** What was said to this client since the last call, without the empty port name. */
  heard(): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export interface Introduced {
  readonly framing?: string;
  readonly keys?: readonly string[];
}

export const SECRET = 'geheim';

/** Connects; what a global node says first is left out of what is heard. */
export async function join(g: Pick<NodeG, 'address'>, node: string, options: Introduced = {}): Promise<DatabaseClient> {
  const client = await introduce(g.address, { node, secret: SECRET, ...options });
  await client.settle();
  client.take();
  return {
    client,
    async ask(...request) {
      client.send('', ...request);
      await client.settle();
    },
    async heard() {
      await client.settle();
      return client.take().map(([, ...request]) => request);
    },
    close: () => client.close(),
  };
}

/** Folds what was said of a family to one that monitors it. */
export function folded(messages: readonly Message[], family: string, before: object = {}): object {
  let entries = new Map(Object.entries(before));
  for (const [tag, name, set, del] of messages) {
    if (name !== family) continue;
    if (tag === 'g_chg1') entries = new Map();
    if (tag !== 'g_chg1' && tag !== 'g_chg2' && tag !== 'g_upd') continue;
    for (const [key, value] of Object.entries(set ?? {})) entries.set(key, value);
    for (const key of (del ?? []) as readonly string[]) entries.delete(key);
  }
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
