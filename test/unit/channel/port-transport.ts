import { Observable } from 'rxjs';
import { createPortEnd, type PortEnd } from '../../../src/channel/port/end.js';
import type { AttachablePort } from '../../../src/channel/port/port.js';
import { realClock } from '../../../src/env/clock.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { cryptoRandom, word } from '../../../src/env/random.js';
import type { Duplex, Transport } from '../../../src/transport/duplex.js';
import { connectFailure } from '../../../src/transport/failure.js';
import { createListeners } from './listeners.js';

export interface EndOptions {
  readonly limits?: Partial<Limits>;
  readonly seed?: boolean;
}

/** One end of a port that is a connection. */
export function endOf(port: AttachablePort, name: string, connected: (duplex: Duplex) => void, { limits = {}, seed = false }: EndOptions = {}): PortEnd {
  return createPortEnd({
    port,
    remoteAddress: name,
    clock: realClock,
    limits: { ...defaultLimits, ...limits },
    hello: () => ({ session: word(cryptoRandom, 10), key: word(cryptoRandom, 26), seed }),
    connected: (duplex) => { connected(duplex); },
    gone: () => undefined,
    failed: () => undefined,
  });
}

/** A transport whose connections are message channels, which it hands to the listener. */
export function portTransport(options: EndOptions = {}): Transport & { close(): void } {
  const listeners = createListeners(realClock);
  const channels: { readonly port1: { close(): void }; readonly port2: { close(): void } }[] = [];
  return {
    schemes: ['port'],
    listen: listeners.listen,
    connect: (address) =>
      new Observable<Duplex>((subscriber) => {
        const accept = listeners.find(address.text);
        if (accept === undefined) {
          subscriber.error(connectFailure(address, 'nobody listens'));
          return;
        }
        const channel = new MessageChannel();
        channels.push(channel);
        endOf(channel.port2, 'port://client', accept, options);
        const own = endOf(channel.port1, address.text, (duplex) => {
          if (subscriber.closed) duplex.close(new Error('nobody waits for it'));
          subscriber.next(duplex);
          subscriber.complete();
        }, options);
        own.begin();
      }),
    close() {
      for (const { port1, port2 } of channels) {
        port1.close();
        port2.close();
      }
    },
  };
}
