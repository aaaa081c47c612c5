import type { Cancel } from '../../env/clock.js';
import type { Env } from '../../env/env.js';
import type { Allowance } from '../core/allowance.js';
import { createBucket } from '../core/bucket.js';

/** How fast a guest may send (G8). */
export interface Pace {
  /** So much has come. */
  spent(messages: number, octets: number): void;
  close(): void;
}

/** `wait` is told when a guest has sent too much and is not to be read, and when it is again: it feels that, and nothing is lost. */
export function createPace({ clock }: Pick<Env, 'clock'>, { messagesPerSecond, bytesPerSecond }: Allowance, wait: (is: boolean) => void): Pace {
  const begin = clock.monotonic();
  const messages = createBucket(messagesPerSecond, begin);
  const octets = createBucket(bytesPerSecond, begin);
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
      const ms = Math.max(messages.take(count, now), octets.take(size, now));
      if (ms === 0) return;
      until = now + ms;
      if (cancel !== undefined) return;
      cancel = clock.after(ms, over);
      wait(true);
    },
    close() {
      cancel?.();
    },
  };
}
