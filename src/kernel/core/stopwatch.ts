import type { Clock } from '../../env/clock.js';

/** Tells when a run of deliveries has taken its time. */
export interface Stopwatch {
  /** A run begins, with all of its time. */
  start(): void;
  /** A run begins that may belong to the last one, and then has the time that is left of it; false: there is none. */
  goOn(): boolean;
  /** To be asked after each delivery: whether the time is over. */
  isOver(): boolean;
  /** The run has ended. */
  stop(): void;
}

/** To look at the clock costs as much as a fast delivery: where all are fast, one look serves so many. */
const MOST = 8;
/** What happened between two looks took longer than this, ms: it was slow, and more may be. */
const SLOW = 1;
/** After something slow each delivery gets a look of its own, so many times. */
const CAREFUL = 1_000;
/** Runs that follow each other within this time, ms, may well be of one turn of the event loop. */
const SAME_TURN = 0.1;

/**
 * Measures runs of deliveries, of which nobody knows how long one takes: so a run ends at most one slow delivery late, or
 * `MOST` of them where all before had been fast.
 */
export function createStopwatch(clock: Pick<Clock, 'monotonic'>, ms: number): Stopwatch {
  let began = 0;
  let looked = 0;
  let ended = -Infinity;
  let interval = 1;
  let left = 1;
  let careful = 0;

  const begin = (now: number): void => {
    began = now;
    interval = left = 1;
  };

  return {
    start() {
      looked = clock.monotonic();
      begin(looked);
    },
    goOn() {
      looked = clock.monotonic();
      if (looked - ended > SAME_TURN) begin(looked);
      left = 1;
      return looked - began < ms;
    },
    isOver() {
      if (--left > 0) return false;
      const now = clock.monotonic();
      if (now - looked >= SLOW) careful = CAREFUL;
      else if (careful > 0) careful--;
      looked = now;
      left = interval = careful > 0 ? 1 : Math.min(2 * interval, MOST);
      return now - began >= ms;
    },
    stop() {
      ended = clock.monotonic();
    },
  };
}
