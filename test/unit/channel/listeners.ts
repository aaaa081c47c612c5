import { Observable } from 'rxjs';
import type { Clock } from '../../../src/env/clock.js';
import type { Duplex, ListenEvent, Transport } from '../../../src/transport/duplex.js';
import { connectFailure } from '../../../src/transport/failure.js';

/** Who listens on which address of a transport of the tests, which has as many free ones as it is asked for. */
export function createListeners(clock: Clock): { readonly listen: Transport['listen']; find(address: string): ((duplex: Duplex) => void) | undefined } {
  const listeners = new Map<string, (duplex: Duplex) => void>();
  let names = 0;
  return {
    listen: ({ text }) =>
      new Observable<ListenEvent>((subscriber) => {
        const name = text.endsWith('/any') ? `${text}-${++names}` : text;
        if (listeners.has(name)) {
          subscriber.error(connectFailure({ text } as never, 'address already in use'));
          return undefined;
        }
        listeners.set(name, (duplex) => { subscriber.next({ kind: 'connection', duplex }); });
        clock.turn(() => { subscriber.next({ kind: 'listening', addresses: [name] }); });
        return () => listeners.delete(name);
      }),
    find: (address) => listeners.get(address),
  };
}
