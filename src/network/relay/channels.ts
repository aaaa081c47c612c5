import { filter, take, type Subscription } from 'rxjs';
import { createMux, type ChannelLimits, type Mux, type Request } from '../../channel/core/mux.js';
import { elementsOf, packetOf, type Packet } from '../../channel/core/packet.js';
import { CHANNEL } from '../../channel/core/purposes.js';
import type { Env } from '../../env/env.js';
import type { Limits } from '../../env/limits.js';
import type { Peers } from '../../kernel/core/peers.js';
import { RUN_KEY } from '../../transport/handshake.js';
import type { Link } from '../../transport/link.js';
import { ProtocolError } from '../../wire/errors.js';
import { isGuestId } from '../../wire/guest-token.js';
import { isOctets } from '../../wire/octets.js';

/** A piece of octets, where the framing of a link has none: base64. */
const BASE64 = 'piece64';
/** The same in CBOR, where octets that are UTF-8 arrive as text. */
const OCTETS = 'piece8';

export interface ChannelsContext {
  readonly env: Env;
  readonly peers: Pick<Peers, 'linkTo' | 'isUp'>;
  /** A node wants a channel. */
  requested(from: string, request: Request): void;
}

interface Carrier {
  readonly mux: Mux;
  /** Ends the wait until its link takes more. */
  stopWaiting(): void;
}

/** Channels between this node and those that it is connected with: their packets are messages between the node ports. */
export function createChannels({ env, peers, requested }: ChannelsContext) {
  const { clock, limits } = env;
  const carriers = new Map<string, Carrier>();
  /** Those of all guests. */
  let guestLimits: ChannelLimits | undefined;

  const create = (node: string, link: Link): Carrier => {
    let waiting: Subscription | undefined;
    const mux = createMux({
      limits: isGuestId(node) ? (guestLimits ??= forGuests(limits)) : limits,
      soon: (task) => { clock.soon(task); },
      flush: link.flush,
      requested: (request) => { requested(node, request); },
      send(packet) {
        if (link.send('', [CHANNEL, ...elementsFor(link, packet)])) return true;
        // it tells in the middle of a send
        waiting ??= link.writable$.pipe(filter(Boolean), take(1)).subscribe(() => {
          waiting = undefined;
          clock.soon(mux.drained);
        });
        return false;
      },
    });
    const carrier: Carrier = { mux, stopWaiting: () => waiting?.unsubscribe() };
    carriers.set(node, carrier);
    return carrier;
  };

  const muxTo = (node: string): Mux | undefined => {
    const link = peers.isUp(node) === true ? peers.linkTo(node) : undefined;
    if (link === undefined || !isRxmp(link)) return undefined;
    return (carriers.get(node) ?? create(node, link)).mux;
  };

  return {
    /** The channels to a node; undefined: it is not connected, or of AnyEvent::MP. */
    to: muxTo,
    /** Takes what a node port was sent as {@link CHANNEL}. Throws {@link ProtocolError}. */
    receive(from: string, args: readonly unknown[]): void {
      const packet = packetOf(decoded(args), limits);
      const mux = muxTo(from);
      if (mux === undefined) throw new ProtocolError(`${from} speaks of channels, and says that it is no node of rxmp`);
      mux.receive(packet);
    },
    /** The connection with a node is gone. */
    lost(node: string, reason: string): void {
      const carrier = carriers.get(node);
      if (carrier === undefined) return;
      carriers.delete(node);
      carrier.stopWaiting();
      carrier.mux.end(reason);
    },
    close(): void {
      for (const { mux, stopWaiting } of carriers.values()) {
        stopWaiting();
        mux.end('this node is closed');
      }
      carriers.clear();
    },
  };
}

export type Channels = ReturnType<typeof createChannels>;

/** So many channels a guest may have for each node that it is connected with: streams take two. */
const GUEST_CHANNELS = 4;

/** What waits for a guest, or was sent by it, takes memory of its gate: it gets less of that. */
function forGuests(limits: Limits): ChannelLimits {
  return { ...limits, channels: limits.guestNodes * GUEST_CHANNELS, channelWindow: Math.min(limits.channelWindow, limits.guestWindow) };
}

/** Nodes of AnyEvent::MP do not say which run they are. */
export const isRxmp = (link: Link): boolean => link.peer.keys.has(RUN_KEY);

const encoder = new TextEncoder();

function elementsFor({ sendFraming }: Link, packet: Packet): readonly unknown[] {
  if (packet.kind !== 'piece' || !isOctets(packet.data)) return elementsOf(packet);
  const { id, n, data } = packet;
  if (sendFraming === 'cbor') return [OCTETS, id, n, data];
  return sendFraming === 'json' ? [BASE64, id, n, base64Of(data)] : elementsOf(packet);
}

function decoded(args: readonly unknown[]): readonly unknown[] {
  const [kind, id, n, data] = args;
  if (kind === OCTETS) return ['piece', id, n, typeof data === 'string' ? encoder.encode(data) : data];
  if (kind !== BASE64) return args;
  if (typeof data !== 'string') throw new ProtocolError('octets of a channel are base64 here');
  return ['piece', id, n, octetsOf(data)];
}

/** As many as are surely taken as arguments of one call. */
const ARGUMENTS = 8192;

function base64Of(octets: Uint8Array): string {
  let text = '';
  // neither a spread nor a callback for each octet, which take ten times as long
  for (let at = 0; at < octets.length; at += ARGUMENTS) {
    text += String.fromCharCode.apply(undefined, octets.subarray(at, at + ARGUMENTS) as unknown as number[]);
  }
  return btoa(text);
}

function octetsOf(base64: string): Uint8Array {
  try {
    const text = atob(base64);
    const octets = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
    return octets;
  } catch {
    throw new ProtocolError('octets of a channel are no base64');
  }
}
