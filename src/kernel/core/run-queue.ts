import type { Env } from '../../env/env.js';
import { createDeliveryBuffer } from './delivery-buffer.js';
import type { AnyMessage } from './message.js';
import type { PortRecord } from './port-record.js';
import { createStopwatch } from './stopwatch.js';

export type Task = () => void;

/**
 * The one way on which messages reach ports, those of this node and those of others (S7). What is posted while nothing runs,
 * runs at once; what is posted by running code, or by what has arrived, runs after it, in order, without recursion.
 * Messages, kills, monitors and new connections of a node all pass here, so that what must come before something else (S2:
 * monitors before later messages) only has to be posted before it.
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
  /** Runs code that takes in what has arrived: all that it posts waits until it has returned. */
  takeIn(code: Task): void;
  /** Nothing runs and nothing waits: what is run now, runs at once. */
  readonly isIdle: boolean;
  /** How many deliveries and tasks wait. */
  readonly length: number;
  /** Forgets what waits. */
  clear(): void;
}

/** What a queue needs of its node. */
export interface RunQueueContext {
  dispatch(port: PortRecord, message: AnyMessage): void;
  /** More waits than `limits.localQueue`: nothing more should come in; or again less. */
  congested(on: boolean): void;
}

export function createRunQueue({ clock, limits }: Pick<Env, 'clock' | 'limits'>, { dispatch, congested }: RunQueueContext): RunQueue {
  /** A port and its message, or a task. */
  const waiting = createDeliveryBuffer();
  const stopwatch = createStopwatch(clock, limits.runTime);
  let running = false;
  /** A turn of the event loop will go on with what waits. */
  let scheduled = false;
  /** There was a run since timers had their chance: on Node.js they have none between what comes in and the end of a turn. */
  let hadRun = false;
  let isCongested = false;
  /** How much has to be delivered until all that waited when the queue became congested is. */
  let generation = 0;
  let laters: Task[] = [];
  /** How long tasks of `later` may go on in one turn of the event loop, and whether that is being measured. */
  const patience = createStopwatch(clock, limits.runTime);
  let isWatched = false;

  const execute = (target: unknown, item: unknown): void => {
    if (typeof target === 'function') (target as Task)();
    else dispatch(target as PortRecord, item as AnyMessage);
  };

  /** Runs what waits, for as long as the stopwatch allows; then the event loop has its turn. */
  const drain = (): void => {
    if (waiting.length === 0) return;
    running = true;
    let count = 0;
    try {
      while (waiting.length > 0 && count < limits.runMessages) {
        const target = waiting.shift();
        count++;
        execute(target, waiting.item);
        if (waiting.length > 0 && stopwatch.isOver()) break;
      }
    } finally {
      running = false;
      hadRun = true;
      generation -= count;
      if (waiting.length > 0) scheduleTurn();
      look();
    }
  };

  const scheduleTurn = (): void => {
    if (scheduled) return;
    scheduled = true;
    clock.turn(() => {
      scheduled = false;
      if (hadRun) {
        hadRun = false;
        scheduleTurn();
        return;
      }
      start();
      hadRun = false;
    });
  };

  /** A run of its own. */
  const start = (): void => {
    if (running) return;
    stopwatch.start();
    drain();
  };

  /** Even where the queue never gets shorter, what others say has its turn once all that waited before has had its own. */
  const look = (): void => {
    const { length } = waiting;
    if (!isCongested && length > limits.localQueue) {
      isCongested = true;
      generation = length;
      congested(true);
    } else if (isCongested && (length <= limits.localQueue / 2 || generation <= 0)) {
      isCongested = false;
      congested(false);
    }
  };

  const post = (port: PortRecord, message: AnyMessage): void => {
    if (running || waiting.length > 0) {
      waiting.push(port, message);
      return;
    }
    running = true;
    try {
      dispatch(port, message);
    } finally {
      running = false;
      if (waiting.length > 0) start();
    }
  };

  const run = (task: Task): void => {
    if (running || waiting.length > 0) {
      waiting.push(task, undefined);
      return;
    }
    running = true;
    try {
      task();
    } finally {
      running = false;
      if (waiting.length > 0) start();
    }
  };

  const runLaters = (): void => {
    const isFirst = waiting.length === 0;
    for (const task of laters) waiting.push(task, undefined);
    laters = [];
    if (isFirst) start();
  };

  /** In a microtask, before anything else comes in; but not so often in a row that the event loop would wait for long. */
  const scheduleLaters = (): void => {
    if (!isWatched) {
      isWatched = true;
      patience.start();
      clock.turn(() => { isWatched = false; });
    }
    if (patience.isOver()) clock.turn(runLaters);
    else clock.soon(runLaters);
  };

  return {
    post,
    run,
    later(task) {
      laters.push(task);
      if (laters.length === 1) scheduleLaters();
    },
    next(task) {
      waiting.push(task, undefined);
      if (!running && waiting.length === 1) clock.soon(start);
    },
    takeIn(code) {
      const isFirst = !running && waiting.length === 0;
      const hasTime = isFirst && stopwatch.goOn();
      const outer = running;
      running = true;
      try {
        code();
      } finally {
        running = outer;
        if (hasTime) drain();
        else if (!running) look();
        if (isFirst) stopwatch.stop();
        if (!running && waiting.length > 0) scheduleTurn();
      }
    },
    get isIdle() {
      return !running && waiting.length === 0;
    },
    get length() {
      return waiting.length;
    },
    clear() {
      waiting.clear();
      laters = [];
    },
  };
}
