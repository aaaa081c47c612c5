import type { VirtualClock } from './virtual-clock.js';

/** Rounds after which a promise is taken to wait for time itself. */
const ROUNDS = 1_000;

/**
 * Awaits something that runs on virtual time: lets the clock do what is due, without time going by, until the promise is
 * settled. Rejects when it waits for something that takes time.
 *
 * @example
 * const node = await settled(clock, createNode({ clock, binds: ['memory://a'], ... }));
 */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let waiting = true;
  const done = (): void => {
    waiting = false;
  };
  promise.then(done, done);
  for (let round = 0; waiting && round < ROUNDS; round++) {
    clock.runFor(0);
    await Promise.resolve();
  }
  if (waiting) throw new Error('the promise waits for something that takes virtual time: run the clock meanwhile');
  return promise;
}
