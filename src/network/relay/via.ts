import { filter, Observable, Subscription } from 'rxjs';
import type { Channel } from '../../channel/core/channel.js';
import { RELAY } from '../../channel/core/purposes.js';
import { channelDuplex } from '../../channel/duplex.js';
import type { Clock } from '../../env/clock.js';
import type { Peers } from '../../kernel/core/peers.js';
import { viaAddress, type Address } from '../../transport/address.js';
import type { Duplex, Transport } from '../../transport/duplex.js';
import { connectFailure } from '../../transport/failure.js';
import type { Channels } from './channels.js';

/** How long a relayed connection that is closed may make no progress, ms, as over TCP. */
export const CLOSE_TIME = 5_000;

export interface ViaContext {
  readonly self: string;
  readonly clock: Clock;
  readonly peers: Pick<Peers, 'isUp' | 'want'>;
  readonly channels: Pick<Channels, 'to'>;
  /** Nodes that have just been connected. */
  readonly up$: Observable<string>;
}

/** A channel that a relay passes on, as a connection. */
export const viaDuplex = (channel: Channel, relay: string, clock: Clock): Duplex =>
  channelDuplex(channel, { clock, remoteAddress: viaAddress(relay), closeTime: CLOSE_TIME });

/**
 * Connections through nodes that pass them on: `via:relay1,relay2#node` (V5). All relays that are connected are asked at the same time, and
 * the first that answers is taken: that is the one with the least round-trip time (V7). The others are connected with only when
 * there is no way through those.
 */
export function viaTransport({ self, clock, peers, channels, up$ }: ViaContext): Pick<Transport, 'connect'> {
  const connect = (address: Address): Observable<Duplex> =>
    new Observable((subscriber) => {
      const { host, path: target } = address;
      const relays = host.split(',').filter((relay) => relay !== self && relay !== target);
      const asked = new Set<string>();
      const failures: string[] = [];
      const trying = new Subscription();
      subscriber.add(trying);

      const ask = (relay: string): void => {
        const mux = asked.has(relay) ? undefined : channels.to(relay);
        if (mux === undefined || trying.closed) return;
        asked.add(relay);
        trying.add(
          mux.open([RELAY, target], {
            opened(channel) {
              if (trying.closed) {
                channel.abort();
                return;
              }
              trying.unsubscribe();
              subscriber.next(viaDuplex(channel, relay, clock));
              subscriber.complete();
            },
            failed(reason) {
              failures.push(`${relay}: ${reason}`);
              if (failures.length === asked.size) askOthers();
            },
          }),
        );
      };

      /** Those that are not connected yet are asked as soon as they are. */
      const askOthers = (): void => {
        const others = relays.filter((relay) => !asked.has(relay));
        if (others.length === 0) {
          subscriber.error(connectFailure(address, failures.join('; ') || 'there is no relay'));
          return;
        }
        trying.add(up$.pipe(filter((node) => others.includes(node))).subscribe(ask));
        for (const relay of others) peers.want(relay);
      };

      for (const relay of relays) if (peers.isUp(relay) === true) ask(relay);
      if (asked.size === 0) askOthers();
    });

  return { connect };
}
