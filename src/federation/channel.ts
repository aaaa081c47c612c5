import { Observable, Subject } from 'rxjs';
import { realClock } from '../env/clock.js';
import type { Env } from '../env/env.js';
import { defaultLimits } from '../env/limits.js';
import type { Duplex } from '../transport/duplex.js';
import { createOutbox } from '../transport/outbox.js';
import { jsonFraming } from '../wire/json.js';
import { MessageTooLarge } from '../wire/errors.js';

/** A two-way stream of messages, in order and without loss until it ends: what a link runs over. */
export interface Channel {
  /** For one subscriber; nothing is lost before that. Completes or errors when the channel is gone. */
  readonly incoming$: Observable<unknown>;
  /** Does nothing once the channel is gone. */
  send(message: readonly unknown[]): void;
  /** Ends the channel, for the other end too. */
  close(error?: Error): void;
}

/** Time and limits of {@link channelOf}. */
export type ChannelEnv = Pick<Env, 'clock' | 'limits'>;

/**
 * A channel over a duplex of octets or text: JSON arrays, one after the other. What a turn of the clock sends leaves
 * together. Errors when more waits than `limits.queueSize`; `send` throws {@link MessageTooLarge} beyond `limits.messageSize`.
 */
export function channelOf(duplex: Duplex, env: ChannelEnv = { clock: realClock, limits: defaultLimits }): Channel {
  const overflow$ = new Subject<never>();
  const outbox = createOutbox(duplex, jsonFraming, env, {
    flushed: () => undefined,
    overflow(queued) {
      overflow$.error(new MessageTooLarge(`${queued} octets wait for ${duplex.remoteAddress}: limits.queueSize is ${env.limits.queueSize}`));
    },
  });
  const incoming$ = new Observable<unknown>((subscriber) => {
    const decoder = jsonFraming.decoder(env.limits);
    subscriber.add(overflow$.subscribe(subscriber));
    subscriber.add(duplex.drained$.subscribe(() => { outbox.drained(); }));
    subscriber.add(
      duplex.incoming$.subscribe({
        next(chunk) {
          try {
            decoder.push(chunk, (_, message) => { subscriber.next(message); });
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => { subscriber.error(error); },
        complete: () => { subscriber.complete(); },
      }),
    );
  });
  return {
    incoming$,
    send: (message) => { outbox.push('', message); },
    close(error) {
      if (error === undefined) outbox.finish();
      duplex.close(error);
    },
  };
}
