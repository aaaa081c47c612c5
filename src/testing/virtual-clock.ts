import type { SchedulerAction, Subscription } from 'rxjs';
import { ClockAction, type Cancel, type Clock } from '../env/clock.js';
import { Heap } from './heap.js';

interface Timer {
  readonly time: number;
  /** Timers of one instant run in the order they were set. */
  readonly order: number;
  /** Undefined once the timer ran or was cancelled. */
  task: (() => void) | undefined;
}

const earlier = (a: Timer, b: Timer): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** How a {@link VirtualClock} begins. */
export interface VirtualClockOptions {
  /** What `now()` says at the beginning, in ms. Default 0. */
  readonly epoch?: number;
  /** How many tasks one call of `run`, `runFor` or `runUntil` may run before it throws. Default 10,000,000. */
  readonly maxEvents?: number;
}

/**
 * A clock that stands still until it is told to run, and then jumps from one event to the next. It is an RxJS scheduler,
 * and a heap, so that 100,000 pending timers are cheap.
 *
 * At one instant, `soon` tasks run first, then `turn` tasks, then timers, each in the order they were set. A task that
 * throws stops the run; the clock can go on after it.
 *
 * @example
 * const clock = new VirtualClock();
 * interval(10, clock).pipe(take(3)).subscribe(console.log);
 * clock.run(); // 0, 1, 2; clock.now() is 30
 */
export class VirtualClock implements Clock {
  readonly #timers = new Heap(earlier);
  readonly #maxEvents: number;
  #soon = new Fifo();
  #turn = new Fifo();
  #now: number;
  /** By how much the wall clock was set. */
  #set = 0;
  #order = 0;
  #cancelled = 0;

  constructor({ epoch = 0, maxEvents = 10_000_000 }: VirtualClockOptions = {}) {
    this.#now = epoch;
    this.#maxEvents = maxEvents;
  }

  /** Virtual milliseconds; during a task, the time it was set for. */
  now(): number {
    return this.#now + this.#set;
  }

  /** The same, whatever `setWall` has done. */
  monotonic(): number {
    return this.#now;
  }

  /** Somebody sets the wall clock by `ms`, forwards or back: `now()` jumps, timers and durations do not notice. */
  setWall(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`A wall clock is set by a number of milliseconds, not ${ms}`);
    this.#set += ms;
  }

  /** How many timers wait, without those that were cancelled. 0 after everything has closed, or something leaked. */
  get pending(): number {
    return this.#timers.size - this.#cancelled;
  }

  /** When the next timer is due; Infinity: there is none. A cancelled one may still count. */
  get next(): number {
    return this.#timers.peek()?.time ?? Infinity;
  }

  /** Throws RangeError when `ms` is no finite number. A negative one counts as 0. */
  after(ms: number, task: () => void): Cancel {
    if (Number.isNaN(ms)) throw new RangeError('A timer needs a number of milliseconds, not NaN');
    if (ms === Infinity) return () => undefined;
    const timer: Timer = { time: this.#now + Math.max(0, ms), order: this.#order++, task };
    this.#timers.push(timer);
    return () => {
      this.#cancel(timer);
    };
  }

  soon(task: () => void): void {
    this.#soon.push(task);
  }

  turn(task: () => void): void {
    this.#turn.push(task);
  }

  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T): Subscription {
    return new ClockAction<T>((ms, task) => this.after(ms, task), work).schedule(state, delay);
  }

  /** Runs the next task, if there is one; false when nothing is left. */
  step(): boolean {
    return this.#step(Infinity);
  }

  /**
   * Runs until nothing is left. Throws when that takes more than `maxEvents` tasks: most likely something sets itself
   * again for ever, and `runFor` is meant.
   */
  run(): void {
    this.#runTo(Infinity, 'run');
  }

  /** Runs everything that is due within the next `ms` milliseconds, and ends exactly there. */
  runFor(ms: number): void {
    this.runUntil(this.#now + ms);
  }

  /** Runs everything that is due up to and including `time`, and ends exactly there. Throws when that is in the past. */
  runUntil(time: number): void {
    if (!(time >= this.#now)) throw new RangeError(`The clock is at ${this.#now} ms and cannot run to ${time} ms`);
    this.#runTo(time, 'runUntil');
    if (time !== Infinity) this.#now = time;
  }

  #runTo(time: number, method: string): void {
    for (let events = 0; this.#step(time); events++) {
      if (events < this.#maxEvents) continue;
      throw new Error(
        `${method}() ran ${this.#maxEvents} tasks up to ${this.#now} ms and ${this.pending} timers still wait. ` +
          'Does something set itself again for ever? Use runFor(ms), or give a higher maxEvents.',
      );
    }
  }

  #step(until: number): boolean {
    const task = this.#soon.shift() ?? this.#turn.shift() ?? this.#due(until);
    task?.();
    return task !== undefined;
  }

  #due(until: number): (() => void) | undefined {
    for (let timer = this.#timers.peek(); timer !== undefined && timer.time <= until; timer = this.#timers.peek()) {
      this.#timers.pop();
      const { task } = timer;
      if (task === undefined) {
        this.#cancelled--;
        continue;
      }
      timer.task = undefined;
      this.#now = timer.time;
      return task;
    }
    return undefined;
  }

  /** Cancelled timers stay in the heap until they are half of it: so cancelling is O(1) in the mean and nothing leaks. */
  #cancel(timer: Timer): void {
    if (timer.task === undefined) return;
    timer.task = undefined;
    this.#cancelled++;
    if (this.#cancelled < 64 || this.#cancelled * 2 < this.#timers.size) return;
    this.#timers.retain(({ task }) => task !== undefined);
    this.#cancelled = 0;
  }
}

/** A queue of tasks whose ends both cost O(1). */
class Fifo {
  #tasks: (() => void)[] = [];
  #next = 0;

  push(task: () => void): void {
    this.#tasks.push(task);
  }

  shift(): (() => void) | undefined {
    const task = this.#tasks[this.#next++];
    if (this.#next < this.#tasks.length) return task;
    this.#tasks = [];
    this.#next = 0;
    return task;
  }
}
