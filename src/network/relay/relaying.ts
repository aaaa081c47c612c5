import { Subject } from 'rxjs';
import type { Request } from '../../channel/core/mux.js';
import { CHANNEL, RELAY, RELAYED, SHARED } from '../../channel/core/purposes.js';
import { channelDuplex } from '../../channel/duplex.js';
import type { Env } from '../../env/env.js';
import { describeReason } from '../../kernel/core/message.js';
import type { NodeChange } from '../../kernel/core/peers.js';
import type { Kernel } from '../../kernel/kernel.js';
import { isVia, viaAddress } from '../../transport/address.js';
import type { Duplex, Visit } from '../../transport/duplex.js';
import { createChannels } from './channels.js';
import { createRelay } from './pass-on.js';
import { createRelays } from './own-relays.js';
import { CLOSE_TIME, viaTransport } from './via.js';

export interface RelayingContext {
  readonly env: Env;
  readonly kernel: Kernel;
  /** Passes connections on to nodes that this one is connected with (V6). */
  readonly relay: boolean;
  /** Through which nodes this one can be reached now (V5). */
  relaysChanged(nodes: readonly string[]): void;
  /** As of a listener: undefined refuses who comes in. */
  enter(visit: Visit): (() => void) | undefined;
  /** Shakes hands with who has come in. */
  welcome(duplex: Duplex, leave: () => void): void;
  /** A node wants to be passed on to another one; true: it is a guest, or the other one is, and somebody else sees to it. */
  guests(from: string, target: unknown, request: Request): boolean;
  /** The page that a node is in, if that is a guest. */
  originOf(node: string): string | undefined;
  /** A node wants a channel for something else; false: nobody knows what for. */
  requested(from: string, request: Request): boolean;
}

/** All of relays: passes connections on, takes those that were passed on, and makes new ones that way. */
export function createRelaying({ env, kernel, enter, welcome, ...options }: RelayingContext) {
  const { clock } = env;
  const { peers } = kernel;
  const up$ = new Subject<string>();
  const channels = createChannels({ env, peers, requested: (from, request) => { requested(from, request); } });
  const relay = createRelay({ env, enabled: options.relay, peers, channels });
  const relays = createRelays(env, options.relaysChanged);
  /** Connections that others pass on count like those of one listener. */
  const listener = {};

  const requested = (from: string, request: Request): void => {
    const [what, target] = request.what;
    if (what === RELAY) {
      if (!options.guests(from, target, request)) relay.requested(from, request);
    } else if (what === RELAYED) take(request, { remoteAddress: viaAddress(from) });
    else if (what === SHARED) takeShared(from, request);
    else if (!options.requested(from, request)) request.refuse('nobody here knows what for');
  };

  /** Who comes counts for the address of whoever brings it. */
  const takeShared = (from: string, request: Request): void => {
    const link = peers.linkTo(from);
    if (link === undefined || isVia(link.remoteAddress)) request.refuse('it shares its connection, but has none of its own');
    else take(request, { remoteAddress: link.remoteAddress, secure: link.secure, origin: options.originOf(from), endsNode: true });
  };

  const take = (request: Request, at: Pick<Duplex, 'remoteAddress' | 'secure' | 'origin' | 'endsNode'>): void => {
    const connection: { duplex?: Duplex } = {};
    const evict = (): void => { connection.duplex?.close(new Error('it makes room for others')); };
    const leave = enter({ remoteAddress: at.remoteAddress, listener, isCrowded: false, evict });
    if (leave === undefined) {
      request.refuse('too many are coming in');
      return;
    }
    connection.duplex = channelDuplex(request.accept(), { clock, closeTime: CLOSE_TIME, ...at });
    welcome(connection.duplex, leave);
  };

  return {
    /** The channels to other nodes, for whatever they are used. */
    channels,
    /** Nodes that have just been connected. */
    up$: up$.asObservable(),
    /** Connects through relays. */
    via: viaTransport({ self: kernel.id, clock, peers, channels, up$ }),
    requests: {
      knows: (tag: string): boolean => tag === CHANNEL,
      handle(from: string, tag: string, args: readonly unknown[]): boolean {
        if (tag === CHANNEL) channels.receive(from, args);
        return tag === CHANNEL;
      },
    },
    linked: relays.linked,
    nodeChanged({ node, up, reason }: NodeChange): void {
      if (up) up$.next(node);
      else channels.lost(node, describeReason(reason));
    },
    /** When nothing has to leave any more. */
    close(): void {
      relay.close();
      channels.close();
    },
  };
}
