import type { Cancel, Clock } from '../env/clock.js';

/**
 * The pause between two TLS handshakes, ms: each takes the processor for one to three, so that they leave it half of the time, at
 * least, to others.
 */
export const HANDSHAKE_PAUSE = 5;

/** Lets tasks that take the processor for a while run one at a time, with a pause between them, so that others get it in between. */
export interface Pacer {
  /** Runs a task: now, if nothing waits and the last one is long enough ago; else in its turn. */
  enter(place: string, task: () => void): Cancel;
}

/**
 * Addresses take turns, so that somebody who comes often delays himself only. Each step costs the same, however many wait.
 *
 * @param gap The pause, ms.
 */
export function createPacer(clock: Pick<Clock, 'after' | 'monotonic'>, gap: number): Pacer {
  /** The tasks that wait, by address, in the order in which the addresses have their turn. */
  const waiting = new Map<string, Set<() => void>>();
  let last = -Infinity;
  let isTimed = false;

  const next = (): void => {
    isTimed = false;
    const [turn] = waiting;
    if (turn === undefined) return;
    const [place, tasks] = turn;
    const [task] = tasks;
    waiting.delete(place);
    if (task !== undefined) tasks.delete(task);
    if (tasks.size > 0) waiting.set(place, tasks);
    last = clock.monotonic();
    time(gap);
    task?.();
  };
  const time = (ms: number): void => {
    if (isTimed || waiting.size === 0) return;
    isTimed = true;
    clock.after(ms, next);
  };

  return {
    enter(place, task) {
      const left = last + gap - clock.monotonic();
      if (waiting.size === 0 && left <= 0) {
        last = clock.monotonic();
        task();
        return () => undefined;
      }
      const tasks = waiting.get(place) ?? new Set<() => void>();
      waiting.set(place, tasks);
      tasks.add(task);
      time(Math.max(0, left));
      return () => {
        tasks.delete(task);
        if (tasks.size === 0 && waiting.get(place) === tasks) waiting.delete(place);
      };
    },
  };
}
