import type { Cancel, Clock } from './clock.js';
import { deadline } from './time.js';

/** The time of day, ms since 1970: for people, and for what ends at one. Somebody may set it, so durations come from `clock.monotonic()` (S37). */
export const timeOfDay = (clock: Pick<Clock, 'now'>): number => clock.now();

/** Somebody who sets the clock is noticed after so long, ms. */
const LOOK_TIME = 60_000;

/** Runs `task` at a time of day, ms since 1970; where that is over, soon. */
export function atTimeOfDay(clock: Pick<Clock, 'now' | 'after' | 'turn'>, time: number, task: () => void): Cancel {
  let cancel: Cancel = () => undefined;
  const wait = (): void => {
    const left = Math.max(0, time - timeOfDay(clock));
    cancel = deadline(clock, Math.min(left, LOOK_TIME), () => {
      if (timeOfDay(clock) < time) wait();
      else task();
    });
  };
  wait();
  return () => { cancel(); };
}
