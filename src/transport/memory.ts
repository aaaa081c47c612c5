import { Observable } from 'rxjs';
import type { Clock } from '../env/clock.js';
import type { Duplex, ListenEvent, Transport } from './duplex.js';
import { connectFailure, listenFailure } from './failure.js';
import { duplexPair } from './pair.js';

/**
 * Connections inside one process: `memory://name`. Each call makes a network of its own, so the same name in two of them
 * are two places. Chunks arrive as they were written, in a later turn of the clock.
 *
 * @example
 * const network = memoryNetwork(realClock);
 * network.listen(parseAddress('memory://hub')).subscribe(...);
 * network.connect(parseAddress('memory://hub')).subscribe((duplex) => duplex.write('hello'));
 */
export function memoryNetwork(clock: Clock): Transport {
  const listeners = new Map<string, (duplex: Duplex) => void>();
  let clients = 0;
  return {
    schemes: ['memory'],
    listen: (bind) =>
      new Observable<ListenEvent>((subscriber) => {
        const name = bind.text;
        if (listeners.has(name)) {
          subscriber.error(listenFailure(bind, 'address already in use'));
          return undefined;
        }
        listeners.set(name, (duplex) => {
          subscriber.next({ kind: 'connection', duplex });
        });
        clock.turn(() => {
          subscriber.next({ kind: 'listening', addresses: [name] });
        });
        return () => listeners.delete(name);
      }),
    connect: (address) =>
      new Observable<Duplex>((subscriber) => {
        clock.turn(() => {
          if (subscriber.closed) return;
          const accept = listeners.get(address.text);
          if (accept === undefined) {
            subscriber.error(connectFailure(address, `nothing listens on ${address.text}`));
            return;
          }
          clients += 1;
          const pair = duplexPair({ clock, addresses: [`memory://client-${clients}`, address.text] });
          accept(pair.right);
          subscriber.next(pair.left);
          subscriber.complete();
        });
      }),
  };
}
