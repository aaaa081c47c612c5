import type { SchedulerAction, Subscription } from 'rxjs';
import { ClockAction, type Cancel, type Clock } from '../env/clock.js';
import { timeOfDay } from '../env/time-of-day.js';

/** The time of one program: it can stand still, leap, and end without the others noticing. */
export interface HostClock extends Clock {
  /** Nothing runs until `resume`; what came due meanwhile runs then, in order, late. */
  pause(): void;
  resume(): void;
  /** The clock of the host leaps forward: its timers find that so much more time has gone by. */
  leap(ms: number): void;
  /** Somebody sets the wall clock of the host, forwards or back: timers and durations do not notice. */
  setWall(ms: number): void;
  /** Nothing runs any more: the program is gone. */
  stop(): void;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  /** By the time of the host. */
  readonly time: number;
  readonly task: () => void;
  cancel: Cancel;
}

/** Gives a program its own time, on a clock that all share. */
export function createHostClock(clock: Clock): HostClock {
  const timers = new Set<Timer>();
  /** What came due while the clock stood, each with how it comes again: what is to be soon stays before all else. */
  let held: { readonly task: () => void; readonly again: (task: () => void) => void }[] = [];
  let ahead = 0;
  let set = 0;
  let paused = false;
  let stopped = false;

  const guarded = (task: () => void, again: (task: () => void) => void) => (): void => {
    if (stopped) return;
    if (paused) held.push({ task, again });
    else task();
  };
  const soon = (task: () => void): void => { clock.soon(guarded(task, soon)); };
  const turn = (task: () => void): void => { clock.turn(guarded(task, turn)); };
  const late = (task: () => void): void => { clock.after(0, guarded(task, late)); };
  const time = (): number => clock.monotonic() + ahead;

  const arm = (timer: Timer): void => {
    timer.cancel = clock.after(
      timer.time - time(),
      guarded(() => {
        if (timers.delete(timer)) timer.task();
      }, late),
    );
  };
  const after = (ms: number, task: () => void): Cancel => {
    if (Number.isNaN(ms)) throw new RangeError('A timer needs a number of milliseconds, not NaN');
    if (stopped || ms === Infinity) return () => undefined;
    const timer: Timer = { time: time() + Math.max(0, ms), task, cancel: () => undefined };
    timers.add(timer);
    arm(timer);
    return () => {
      if (timers.delete(timer)) timer.cancel();
    };
  };
  const release = (): void => {
    for (const { cancel } of timers) cancel();
  };

  return {
    now: () => timeOfDay(clock) + ahead + set,
    monotonic: time,
    setWall(ms) {
      set += ms;
    },
    after,
    soon: (task) => {
      if (!stopped) soon(task);
    },
    turn: (task) => {
      if (!stopped) turn(task);
    },
    schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T): Subscription {
      return new ClockAction<T>(after, work).schedule(state, delay);
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      const tasks = held;
      held = [];
      for (const { task, again } of tasks) again(task);
    },
    leap(ms) {
      if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`A clock leaps forward, by ms of 0 or more, not ${ms}`);
      ahead += ms;
      release();
      for (const timer of [...timers].sort((a, b) => a.time - b.time)) arm(timer);
    },
    stop() {
      stopped = true;
      release();
      timers.clear();
      held = [];
    },
    get pending() {
      return timers.size;
    },
  };
}
