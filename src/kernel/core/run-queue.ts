import type { Env } from '../../env/env.js';
import type { AnyMessage } from './message.js';
import type { PortRecord } from './port-record.js';

export type Task = () => void;

/**
 * Local delivery (S7). What is posted while nothing runs, runs at once; what is posted by running code runs after it, in
 * order, without recursion. Messages, kills, monitors and new connections of a node all pass here, so that what must come
 * before something else (S2: monitors before later messages) only has to be posted before it.
 */
export interface RunQueue {
  /** Delivers a message to a local port. */
  post(port: PortRecord, message: AnyMessage): void;
  /** Runs a task in turn; never inside the calling code, if that runs on this queue. */
  run(task: Task): void;
  /** Runs a task after the calling code has returned, whoever that is (S8). */
  later(task: Task): void;
  /** Like `later`, but whatever is posted from now on waits for the task. */
  next(task: Task): void;
  /** Nothing runs and nothing waits: what is run now, runs at once. */
  readonly isIdle: boolean;
  /** Forgets what waits. */
  clear(): void;
}

/** How often a run looks at the clock. */
const CLOCK_MASK = 255;

export function createRunQueue(env: Env, dispatch: (port: PortRecord, message: AnyMessage) => void): RunQueue {
  const { clock, limits } = env;
  // two entries each: a port and its message, or a task and undefined; flat, so that a message allocates nothing
  let queue: unknown[] = [];
  let head = 0;
  let running = false;

  const execute = (target: PortRecord | Task, message: AnyMessage | undefined): void => {
    if (typeof target === 'function') target();
    else dispatch(target, message as AnyMessage);
  };

  const drain = (): void => {
    if (running) return;
    running = true;
    const start = clock.now();
    let count = 0;
    try {
      while (head < queue.length) {
        const target = queue[head] as PortRecord | Task;
        const message = queue[head + 1] as AnyMessage | undefined;
        head += 2;
        execute(target, message);
        count++;
        if (count >= limits.runMessages || ((count & CLOCK_MASK) === 0 && clock.now() - start > limits.runTime)) break;
      }
    } finally {
      running = false;
      queue = head < queue.length ? queue.slice(head) : [];
      head = 0;
      if (queue.length > 0) clock.turn(drain);
    }
  };

  const enqueue = (target: PortRecord | Task, message: AnyMessage | undefined): void => {
    if (running || queue.length > 0) {
      queue.push(target, message);
      return;
    }
    running = true;
    try {
      execute(target, message);
    } finally {
      running = false;
      if (queue.length > 0) drain();
    }
  };

  const run = (task: Task): void => {
    enqueue(task, undefined);
  };
  return {
    post: enqueue,
    run,
    later(task) {
      clock.soon(() => {
        run(task);
      });
    },
    next(task) {
      queue.push(task, undefined);
      if (!running && queue.length === 2) clock.soon(drain);
    },
    get isIdle() {
      return !running && queue.length === 0;
    },
    clear() {
      queue = [];
      head = 0;
    },
  };
}
