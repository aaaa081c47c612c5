import type { Cancel, Clock } from '../../env/clock.js';

/** Lets so much pass in a second, in the mean. */
export interface Pace {
  /** Runs a task at once, or when as much may pass; in order. */
  pass(size: number, task: () => void): void;
  /** Forgets what waits. */
  close(): void;
}

/** After a time of rest as much as in a second may pass at once. */
export function createPace(clock: Clock, perSecond: number): Pace {
  let waiting: { readonly size: number; readonly task: () => void }[] = [];
  /** What may pass; below 0 after something large. */
  let free = perSecond;
  let since = clock.monotonic();
  let cancel: Cancel | undefined;

  const refill = (): void => {
    const now = clock.monotonic();
    free = Math.min(perSecond, free + ((now - since) * perSecond) / 1000);
    since = now;
  };

  const go = (): void => {
    cancel = undefined;
    refill();
    let passed = 0;
    for (const { size, task } of waiting) {
      if (free <= 0) break;
      free -= size;
      passed++;
      task();
    }
    waiting = waiting.slice(passed);
    if (waiting.length > 0) cancel = clock.after(Math.ceil((1 - free) * (1000 / perSecond)), go);
  };

  return {
    pass(size, task) {
      refill();
      if (waiting.length === 0 && free > 0) {
        free -= size;
        task();
      } else {
        waiting.push({ size, task });
        cancel ??= clock.after(Math.ceil((1 - free) * (1000 / perSecond)), go);
      }
    },
    close() {
      cancel?.();
      waiting = [];
    },
  };
}
