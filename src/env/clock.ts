import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

/** Takes a scheduled task back; calling it again, or after the task ran, does nothing. */
export type Cancel = () => void;

/**
 * The only source of time. It is an RxJS scheduler, so the operators of RxJS that take one (`timer(ms, clock)`,
 * `delay(ms, clock)`) run on the same time as the node, be it real or virtual.
 */
export interface Clock extends SchedulerLike {
  /** Milliseconds since the epoch, for people: somebody may set it, back too. */
  now(): number;
  /** Milliseconds that never go back, for durations; by themselves they mean nothing (S37). */
  monotonic(): number;
  /** Runs `task` once, `ms` milliseconds from now; never with Infinity. */
  after(ms: number, task: () => void): Cancel;
  /** Runs `task` after the running call has returned and before anything else comes in. Tasks run in order. */
  soon(task: () => void): void;
  /** Runs `task` when this turn of the event loop ends, so that what one turn produced leaves together. */
  turn(task: () => void): void;
}

/** Gives any RxJS scheduler, for instance a `TestScheduler`, the methods of a {@link Clock}. */
export function clockOf(scheduler: SchedulerLike): Clock {
  if ('turn' in scheduler && 'soon' in scheduler && 'after' in scheduler && 'monotonic' in scheduler) return scheduler as Clock;
  let latest = -Infinity;
  const after = (ms: number, task: () => void): Cancel => {
    const action = scheduler.schedule(() => {
      task();
    }, ms);
    return () => {
      action.unsubscribe();
    };
  };
  return {
    now: () => scheduler.now(),
    // it has no other time; one that is set back stands still until then
    monotonic: () => (latest = Math.max(latest, scheduler.now())),
    schedule: (work, delay = 0, state) => scheduler.schedule(work, delay, state as never),
    after,
    soon: (task) => void after(0, task),
    turn: (task) => void after(0, task),
  };
}

/**
 * One action of a scheduler that is built from `now` and `after`: it may be scheduled again, also from inside its work,
 * and is unsubscribed like any subscription.
 */
export class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #after: Clock['after'];
  readonly #work: (this: SchedulerAction<T>, state: T) => void;
  #cancel: Cancel | undefined;

  constructor(after: Clock['after'], work: (this: SchedulerAction<T>, state: T) => void) {
    super(() => this.#cancel?.());
    this.#after = after;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#cancel?.();
    this.#cancel = this.#after(delay, () => {
      this.#cancel = undefined;
      this.#work.call(this, state as T);
      if (this.#cancel === undefined) this.unsubscribe();
    });
    return this;
  }
}

/** The longest time of a platform timer, ms: about 24 days. Longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits in stages; with Infinity for ever. */
function afterLong(ms: number, task: () => void): Cancel {
  let cancel = realClock.after(LONGEST_TIMER, () => {
    cancel = realClock.after(ms - LONGEST_TIMER, task);
  });
  return () => {
    cancel();
  };
}

/** Real time. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    if (ms > LONGEST_TIMER) return afterLong(ms, task);
    const timer = setTimeout(task, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  soon: (task) => {
    queueMicrotask(task);
  },
  turn: endOfTurn(),
  schedule(work, delay = 0, state) {
    return new ClockAction(realClock.after, work).schedule(state, delay);
  },
};

/** Node.js ends a turn with its immediates; a browser's nearest equal is a message to oneself, which is never throttled. */
function endOfTurn(): Clock['turn'] {
  if (typeof setImmediate === 'function') return (task) => void setImmediate(task);
  const { port1, port2 } = new MessageChannel() as unknown as Channel;
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()?.();
  return (task) => {
    tasks.push(task);
    port2.postMessage(undefined);
  };
}

/** A `MessageChannel` as browsers have it; the types of Node.js know another form. */
interface Channel {
  readonly port1: { onmessage: () => void };
  readonly port2: { postMessage(message: undefined): void };
}
