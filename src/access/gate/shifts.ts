import type { Clock } from '../../env/clock.js';

/** What is done for the guests of a gate in later turns of the event loop, in order, and not too much of it in one: others are not to wait for that (G12). */
export interface Shifts {
  /** Runs a task in the next turn, or in a later one. */
  next(task: () => void): void;
}

/** No task begins when others have taken so long in the same turn, ms. */
const LONGEST = 0.5;

export function createShifts(clock: Pick<Clock, 'turn' | 'monotonic'>): Shifts {
  let waiting: (() => void)[] = [];
  /** How many of them have run. */
  let head = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    clock.turn(run);
  };

  const run = (): void => {
    isScheduled = false;
    const until = clock.monotonic() + LONGEST;
    // what comes meanwhile is for later turns
    const end = waiting.length;
    try {
      do waiting[head++]?.();
      while (head < end && clock.monotonic() < until);
    } finally {
      // seldom, so that it costs each task the same
      if (2 * head >= waiting.length) {
        waiting = waiting.slice(head);
        head = 0;
      }
      if (waiting.length > 0) schedule();
    }
  };

  return {
    next(task) {
      waiting.push(task);
      schedule();
    },
  };
}
