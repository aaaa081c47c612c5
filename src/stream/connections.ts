import { Subscription } from 'rxjs';
import type { Channel } from '../channel/core/channel.js';
import { channelDuplex } from '../channel/duplex.js';
import type { Request } from '../channel/core/mux.js';
import { STREAM_DATA } from '../channel/core/purposes.js';
import type { Env } from '../env/env.js';
import type { Network } from '../network/network.js';
import type { Duplex } from '../transport/duplex.js';
import { isGuestId } from '../wire/guest-token.js';
import type { Established } from '../transport/link.js';
import type { StreamWay } from './types.js';

/** How long a closed channel may make no progress, ms, as over TCP. */
const CLOSE_TIME = 5_000;

export type Attach = (duplex: Duplex, early: Uint8Array, way: StreamWay) => void;

export interface ConnectionsContext {
  readonly env: Env;
  readonly network: Pick<Network, 'channels' | 'connectData'>;
}

/** A channel to a node, as a connection. */
export const duplexOf = (channel: Channel, node: string, { clock }: Pick<Env, 'clock'>): Duplex =>
  channelDuplex(channel, { clock, remoteAddress: node, closeTime: CLOSE_TIME });

const NOTHING = new Uint8Array();

/** The connections of streams: those that are made here, and those that are expected, by the id of the stream. */
export function createConnections({ env, network }: ConnectionsContext) {
  /** What is being made. */
  const making = new Subscription();
  const expected = new Map<string, { readonly node: string; readonly attach: Attach }>();

  /** Who expects a connection of a node. */
  const taker = (node: string, id: unknown): Attach | undefined => {
    const found = typeof id === 'string' ? expected.get(id) : undefined;
    return found?.node === node ? found.attach : undefined;
  };

  return {
    /** The other end may make the connection, until the result is called. */
    expect(id: string, node: string, attach: Attach): () => void {
      expected.set(id, { node, attach });
      return () => expected.delete(id);
    },
    /** Makes the connection: directly where one of the addresses can be reached (V15), otherwise through the connection of the two nodes. */
    make(id: string, node: string, addresses: readonly string[], attach: Attach, failed: (reason: string) => void): void {
      const viaChannel = (): void => {
        const mux = network.channels.to(node);
        if (mux === undefined) {
          failed(`${node} is not connected`);
          return;
        }
        mux.open([STREAM_DATA, id], { opened: (channel) => { attach(duplexOf(channel, node, env), NOTHING, 'channel'); }, failed });
      };
      // a guest is reached through its gate only, and may name any address
      if (addresses.length === 0 || isGuestId(node)) {
        viaChannel();
        return;
      }
      making.add(
        network.connectData(node, addresses, id).subscribe({
          next: ({ duplex, early }) => { attach(duplex, early, 'direct'); },
          error: (error: unknown) => {
            env.log.debug({ node, err: error }, `a stream to ${node} has no connection of its own: ${error instanceof Error ? error.message : String(error)}`);
            viaChannel();
          },
        }),
      );
    },
    /** A connection that another node has made for a stream. */
    arrived({ duplex, early, agreement }: Established): void {
      const { node, keys } = agreement.peer;
      const attach = taker(node, keys.get('dataconn_id'));
      if (attach !== undefined) attach(duplex, early, 'direct');
      else {
        env.log.debug({ node }, `${node} has made a connection for a stream that nobody expects`);
        duplex.close(new Error('nobody expects it'));
      }
    },
    /** The same inside of the connection of the two nodes. */
    requested(from: string, request: Request): void {
      const attach = taker(from, request.what[1]);
      if (attach !== undefined) attach(duplexOf(request.accept(), from, env), NOTHING, 'channel');
      else request.refuse('there is no such stream');
    },
    close(): void {
      making.unsubscribe();
    },
  };
}

export type Connections = ReturnType<typeof createConnections>;
