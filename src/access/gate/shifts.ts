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

  const schedule = (): void => { clock.turn(run); };

  const run = (): void => {
    const until = clock.monotonic() + LONGEST;
    const tasks = waiting;
    waiting = [];
    let done = 0;
    try {
      do tasks[done++]?.();
      while (done < tasks.length && clock.monotonic() < until);
    } finally {
      const isScheduled = waiting.length > 0;
      if (done < tasks.length) waiting = [...tasks.slice(done), ...waiting];
      if (waiting.length > 0 && !isScheduled) schedule();
    }
  };

  return {
    next(task) {
      waiting.push(task);
      if (waiting.length === 1) schedule();
    },
  };
}
