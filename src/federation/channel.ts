import { Observable } from 'rxjs';
import type { Duplex } from '../transport/duplex.js';
import { jsonFraming } from '../wire/json.js';
import type { FramingLimits } from '../wire/message.js';

/** A two-way stream of messages, in order and without loss until it ends: what a link runs over. */
export interface Channel {
  /** For one subscriber; nothing is lost before that. Completes or errors when the channel is gone. */
  readonly incoming$: Observable<unknown>;
  /** Does nothing once the channel is gone. */
  send(message: readonly unknown[]): void;
  /** Ends the channel, for the other end too. */
  close(error?: Error): void;
}

/** A channel over a duplex of octets or text: JSON arrays, one after the other. */
export function channelOf(duplex: Duplex, limits: FramingLimits): Channel {
  return {
    incoming$: new Observable<unknown>((subscriber) => {
      const decoder = jsonFraming.decoder(limits);
      return duplex.incoming$.subscribe({
        next(chunk) {
          try {
            decoder.push(chunk, (message) => { subscriber.next(message.slice(1)); });
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => { subscriber.error(error); },
        complete: () => { subscriber.complete(); },
      });
    }),
    send: (message) => { duplex.write(jsonFraming.encode('', message)); },
    close: (error) => { duplex.close(error); },
  };
}
