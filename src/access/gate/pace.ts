import type { Cancel } from '../../env/clock.js';
import type { Env } from '../../env/env.js';
import type { Allowance } from '../core/allowance.js';
import { createBucket, type Bucket } from '../core/bucket.js';

/** How fast somebody may send. */
export interface Rates {
  readonly messages: Bucket;
  readonly octets: Bucket;
}

export const createRates = (messagesPerSecond: number, octetsPerSecond: number, now: number): Rates => ({
  messages: createBucket(messagesPerSecond, now),
  octets: createBucket(octetsPerSecond, now),
});

/** How fast a guest may send (G8). */
export interface Pace {
  /** So much has come. */
  spent(messages: number, octets: number): void;
  close(): void;
}

/** Some messages at a time cost others less than each one by itself, ms. */
const LEAST = 25;

/** `ofUser` is shared by all guests of one user. `wait` is told when a guest has sent too much and is not to be read, and when it is again: it feels that, and nothing is lost. */
export function createPace({ clock }: Pick<Env, 'clock'>, { messagesPerSecond, bytesPerSecond }: Allowance, ofUser: Rates, wait: (is: boolean) => void): Pace {
  const begin = clock.monotonic();
  const own = createRates(messagesPerSecond, bytesPerSecond, begin);
  let cancel: Cancel | undefined;
  let until = begin;

  const over = (): void => {
    const left = until - clock.monotonic();
    if (left > 0) {
      cancel = clock.after(left, over);
      return;
    }
    cancel = undefined;
    wait(false);
  };

  return {
    spent(count, size) {
      const now = clock.monotonic();
      const due = Math.max(own.messages.take(count, now), own.octets.take(size, now), ofUser.messages.take(count, now), ofUser.octets.take(size, now));
      if (due === 0) return;
      const ms = Math.max(due, LEAST);
      until = Math.max(until, now + ms);
      if (cancel !== undefined) return;
      cancel = clock.after(ms, over);
      wait(true);
    },
    close() {
      cancel?.();
    },
  };
}
