import { Worker } from 'node:worker_threads';
import type { Played } from './play.js';

/** Every `step`th run from `from` up to, not including, `to`. */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** A network is young for a whole run: with the usual 48 MB a fifth of the time goes into moving it about. */
const resourceLimits = { maxYoungGenerationSizeMb: 192 };

/** Plays a share of runs in a thread of its own, by a compiled `worker.js`, until `done`, which hears of each, says that it is enough. */
export function work(program: URL, share: Share, done: (seed: number, played: Played) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let enough = false;
    const worker = new Worker(program, { workerData: share, resourceLimits });
    worker.on('message', ({ seed, played }: { seed: number; played: Played }) => {
      if (enough) return;
      enough = done(seed, played);
      if (enough) void worker.terminate();
    });
    worker.on('error', reject);
    worker.on('exit', () => { resolve(); });
  });
}
