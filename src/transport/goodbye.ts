import { EMPTY, Subscription } from 'rxjs';
import type { Clock } from '../env/clock.js';
import { deadline } from '../env/time.js';
import type { Duplex } from './duplex.js';
import type { Outbox } from './outbox.js';

/** What a goodbye needs. */
export interface GoodbyeOptions {
  /** Nobody reads it any more. */
  readonly duplex: Duplex;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** The longest that the other end is waited for, ms. */
  readonly within: number;
  /** How many octets were dropped, once the connection is gone. */
  done(unsent: number): void;
}

/** Closes a connection when all that waits in the outbox has left, when the other end has gone, or when the time is over. */
export function sayGoodbye({ duplex, outbox, clock, within, done }: GoodbyeOptions): void {
  const last = clock.monotonic() + within;
  const waiting = new Subscription();
  const end = (): void => {
    if (waiting.closed) return;
    waiting.unsubscribe();
    duplex.close(undefined, Math.max(0, last - clock.monotonic()));
    (duplex.gone$ ?? EMPTY).subscribe({
      complete: () => {
        done(outbox.queued + (duplex.unsent ?? 0));
      },
    });
  };
  const endIfEmpty = (): void => {
    if (outbox.queued === 0) end();
  };
  outbox.flush();
  endIfEmpty();
  if (waiting.closed) return;
  waiting.add(deadline(clock, within, end));
  waiting.add(
    duplex.drained$.subscribe({
      next: () => {
        outbox.drained();
        endIfEmpty();
      },
      complete: end,
    }),
  );
  // what still comes is dropped, but has to be read: the other end may want to be rid of it before it reads
  waiting.add(duplex.incoming$.subscribe({ error: end, complete: end }));
}
