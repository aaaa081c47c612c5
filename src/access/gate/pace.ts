import type { Cancel } from '../../env/clock.js';
import type { Env } from '../../env/env.js';
import type { Allowance } from '../core/allowance.js';
import { createBucket, type Bucket } from '../core/bucket.js';

/** How fast somebody may send. */
export interface Rates {
  /** Each of them. */
  readonly buckets: readonly Bucket[];
  /** Takes what has come; the result is how long nothing more may come, ms. */
  take(came: Came, now: number): number;
}

/** What has come of a guest. */
export interface Came {
  readonly messages: number;
  readonly octets: number;
  /** Packets of channels: what is in them counts besides. */
  readonly packets: number;
}

/** What one message is in takes a packet at most, and one goes back for some. */
const PACKETS_OF_MESSAGE = 2;

export function createRates(messagesPerSecond: number, octetsPerSecond: number, now: number): Rates {
  const messages = createBucket(messagesPerSecond, now);
  const octets = createBucket(octetsPerSecond, now);
  const packets = createBucket(PACKETS_OF_MESSAGE * messagesPerSecond, now);
  return {
    buckets: [messages, octets, packets],
    take: (came, at) => Math.max(messages.take(came.messages, at), octets.take(came.octets, at), packets.take(came.packets, at)),
  };
}

/** How fast a guest may send (G8). */
export interface Pace {
  /** So much has come. */
  spent(came: Came): void;
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
    spent(came) {
      const now = clock.monotonic();
      const due = Math.max(own.take(came, now), ofUser.take(came, now));
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
