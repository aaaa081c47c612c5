import { MultiBar, type SingleBar } from 'cli-progress';
import type { Worker } from './crew.js';

/** Shows how far the count is. */
export interface Progress {
  update(done: number): void;
  /** A line of text, above the bars if there are any. */
  note(text: string): void;
  stop(): void;
}

const number = (n: number): string => Math.round(n).toLocaleString('en');

/** What a worker has done: batches, lines and words per second of its time here. */
export function workerLine(worker: Worker, now: number): string {
  const seconds = ((worker.left ?? now) - worker.since) / 1_000;
  const rate = seconds > 0 ? worker.words / seconds : 0;
  const state = worker.left === undefined ? '' : '  (gone)';
  return (
    `${worker.node}  ${String(worker.batches).padStart(4)} batches  ` +
    `${number(worker.lines).padStart(9)} lines  ${number(rate).padStart(9)} words/s${state}`
  );
}

/** Bars on a terminal, a few plain lines elsewhere. There may be more workers later. */
export function createProgress(batches: number, workers: readonly Worker[], now: () => number): Progress {
  return process.stdout.isTTY ? bars(batches, workers, now) : plainLines(batches, workers, now);
}

function bars(batches: number, workers: readonly Worker[], now: () => number): Progress {
  const all = new MultiBar({ hideCursor: true, stream: process.stdout, emptyOnZero: true });
  const total = all.create(batches, 0, {}, { format: '{bar} {percentage} %  {value} of {total} batches' });
  const lines = new Map<Worker, SingleBar>();
  const lineOf = (worker: Worker): SingleBar => {
    const known = lines.get(worker) ?? all.create(batches, 0, { line: worker.node }, { format: '{line}' });
    lines.set(worker, known);
    return known;
  };
  return {
    update(done) {
      total.update(done);
      for (const worker of workers) lineOf(worker).update(worker.batches, { line: workerLine(worker, now()) });
    },
    note: (text) => {
      all.log(`${text}\n`);
    },
    stop: () => {
      all.stop();
    },
  };
}

/** Shares of the whole at which a plain line is due. */
const STEPS = 5;

function plainLines(batches: number, workers: readonly Worker[], now: () => number): Progress {
  const note = (text: string): void => void process.stdout.write(`${text}\n`);
  let step = 0;
  return {
    update(done) {
      const reached = Math.floor((done / batches) * STEPS);
      if (reached > step) note(`${String((reached / STEPS) * 100).padStart(3)} %  ${done} of ${batches} batches`);
      step = reached;
    },
    note,
    stop() {
      for (const worker of workers) note(workerLine(worker, now()));
    },
  };
}
