import type { Cancel, Clock } from './clock.js';

/**
 * Checks a time that a user gives, ms: a number of 0 or more; Infinity is never. Throws RangeError with its name and value (S37).
 */
export function checkTime(name: string, ms: unknown): void {
  if (ms === undefined || (typeof ms === 'number' && ms >= 0)) return;
  const shown = typeof ms === 'number' ? String(ms) : (JSON.stringify(ms) ?? typeof ms);
  throw new RangeError(`${name} is ${shown}: expected milliseconds, 0 or more; Infinity is never`);
}

/**
 * Runs `task` after `ms`, when nothing has come: a timer may be late, because the process was busy, and what came in time still
 * waits to be read. So it is read first, in one more turn of the event loop.
 */
export function deadline(clock: Pick<Clock, 'after' | 'turn'>, ms: number, task: () => void): Cancel {
  let wanted = true;
  const cancel = clock.after(ms, () => {
    clock.turn(() => {
      if (wanted) task();
    });
  });
  return () => {
    wanted = false;
    cancel();
  };
}
