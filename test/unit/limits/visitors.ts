import { switchMap, tap } from 'rxjs';
import { createWorld, type RecordedLog, type World } from '../../../marbles/world.js';
import type { Limits, MpNode } from '../../../src/index.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex } from '../../../src/transport/duplex.js';
import { listenTo, puppetNow } from '../network/puppet.js';

/** A connection that has not authenticated. */
export interface Stranger {
  write(text: string): void;
  close(): void;
  /** Refused, or ended by the node. */
  readonly isClosed: boolean;
}

export interface House {
  readonly world: World;
  readonly node: MpNode & { readonly log: RecordedLog };
  /** Connects from a host, and does nothing more. */
  stranger(host: string): Stranger;
  /** An authenticated peer, which answers nothing. */
  peer(id: string, framing?: 'rxmp_json' | 'json' | 'cbor'): Promise<Peer>;
  /** Warnings so far, from the last call on. */
  warnings(): string[];
}

export interface Peer {
  /** Sends a message to a port, and lets the node take it. Returns whether the connection is still there. */
  send(port: string, ...message: unknown[]): boolean;
  /** What the node has sent, as `[port, ...message]`; without echo requests. */
  readonly messages: unknown[][];
}

/** A node with these limits, and somebody who comes to it. */
export async function house(limits: Partial<Limits>, options: { readonly global?: boolean } = {}): Promise<House> {
  const world = createWorld();
  const { clock, network } = world;
  const node = await world.start('node', { limits, ...options });
  return {
    world,
    node,
    stranger(host) {
      let duplex: Duplex | undefined;
      let isClosed = false;
      const end = (): void => { isClosed = true; };
      const connecting = network.transport(host).connect(parseAddress('memory://node')).pipe(
        tap((made) => { duplex = made; }),
        switchMap(({ incoming$ }) => incoming$),
      );
      connecting.subscribe({ error: end, complete: end });
      clock.runFor(0);
      return { write: (text) => void duplex?.write(text), close: () => duplex?.close(), get isClosed() { return isClosed; } };
    },
    async peer(id, framing = 'json') {
      const link = await puppetNow(world, network.transport(id), 'memory://node', { id, framings: [framing] });
      const { messages, closed } = listenTo(link);
      clock.runFor(0);
      return {
        messages,
        send(port, ...message) {
          link.send(port, message);
          clock.runFor(0);
          return closed.length === 0;
        },
      };
    },
    warnings: () => node.log.lines.splice(0).filter((line) => line.startsWith('warn')),
  };
}
