import { Observable } from 'rxjs';
import { createMux, type ChannelLimits, type Mux, type Request } from '../../../src/channel/core/mux.js';
import { elementsOf, packetOf, type Packet } from '../../../src/channel/core/packet.js';
import { channelDuplex } from '../../../src/channel/duplex.js';
import { realClock, type Clock } from '../../../src/env/clock.js';
import { createPace } from '../../../src/network/relay/pace.js';
import { passOn } from '../../../src/network/relay/pass-on.js';
import type { Duplex, Transport } from '../../../src/transport/duplex.js';
import { connectFailure } from '../../../src/transport/failure.js';
import { createListeners } from './listeners.js';

export const LIMITS: ChannelLimits = { channels: 100, channelWindow: 256 * 1024, channelPiece: 64 * 1024 };

export interface CarrierOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<ChannelLimits>;
  /** What happens to packets on the way; the result arrives. */
  readonly on?: (packet: Packet, to: 'left' | 'right') => readonly Packet[];
  /** So many packets may be under way before the carrier has enough. */
  readonly capacity?: number;
  readonly requested?: (request: Request, at: 'left' | 'right') => void;
}

/** Two ends of a carrier in memory. */
export function carrier({ clock = realClock, limits = {}, on = (packet) => [packet], capacity = Infinity, requested = () => undefined }: CarrierOptions = {}) {
  const wire: { left: Packet[]; right: Packet[] } = { left: [], right: [] };
  const waits = { left: false, right: false };
  const muxes: { left: Mux; right: Mux } = { left: end('left'), right: end('right') };
  const log: Packet[] = [];

  function end(side: 'left' | 'right'): Mux {
    const other = side === 'left' ? 'right' : 'left';
    return createMux({
      limits: { ...LIMITS, ...limits },
      soon: (task) => { clock.soon(task); },
      flush: () => undefined,
      requested: (request) => { requested(request, side); },
      send(packet) {
        log.push(packet);
        const under = wire[other];
        for (const arriving of on(packet, other)) {
          under.push(arriving);
          clock.turn(() => { arrive(other); });
        }
        waits[side] ||= under.length >= capacity;
        return !waits[side];
      },
    });
  }

  function arrive(side: 'left' | 'right'): void {
    const other = side === 'left' ? 'right' : 'left';
    const packet = wire[side].shift();
    if (packet === undefined) return;
    muxes[side].receive(packetOf(elementsOf(packet), { nameSize: 4096 }));
    if (waits[other] && wire[side].length <= capacity / 2) {
      waits[other] = false;
      muxes[other].drained();
    }
  }

  return { ...muxes, log };
}

/** How two ends open channels to each other, on any carrier. */
export type Opening = (requested: (request: Request, at: 'left' | 'right') => void) => Pick<Mux, 'open'>;

/** Channels through a relay: two carriers, and between them what passes on from one to the other. */
export const relayed = (options: Omit<CarrierOptions, 'requested'> = {}): Opening => (requested) => {
  const { clock = realClock } = options;
  const pace = createPace(clock, 1e9);
  const { left: far } = carrier({ ...options, requested: (request) => { requested(request, 'right'); } });
  const { left: near } = carrier({
    ...options,
    requested(request) {
      far.open(request.what, {
        opened: (channel) => { passOn(request.accept(), channel, pace, () => undefined); },
        failed: (reason) => { request.refuse(reason); },
      });
    },
  });
  return near;
};

/** A transport whose connections are channels on one carrier. */
export function channelTransport(options: Omit<CarrierOptions, 'requested'> = {}): Transport {
  return transportOn((requested) => carrier({ ...options, requested }).left, options.clock);
}

export function transportOn(opening: Opening, clock: Clock = realClock): Transport {
  const listeners = createListeners(clock);
  const duplexOf = (channel: Parameters<typeof channelDuplex>[0], remoteAddress: string): Duplex =>
    channelDuplex(channel, { clock, remoteAddress, closeTime: 2_000 });
  const left = opening((request) => {
    const accept = listeners.find(String(request.what[0]));
    if (accept === undefined) request.refuse('nobody listens');
    else accept(duplexOf(request.accept(), 'channel://left'));
  });
  return {
    schemes: ['channel'],
    listen: listeners.listen,
    connect: (address) =>
      new Observable<Duplex>((subscriber) =>
        left.open([address.text], {
          opened(channel) {
            subscriber.next(duplexOf(channel, address.text));
            subscriber.complete();
          },
          failed: (reason) => { subscriber.error(connectFailure(address, reason)); },
        }),
      ),
  };
}
