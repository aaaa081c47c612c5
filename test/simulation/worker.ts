import { parentPort, workerData } from 'node:worker_threads';
import { planOf } from './plan.js';
import { play } from './play.js';

/** Plays every `step`th seed from `from` up to, not including, `to`, and tells of each. */
const { from, to, step } = workerData as { from: number; to: number; step: number };
for (let seed = from; seed < to; seed += step) {
  const { violation, ...played } = await play(planOf(seed));
  parentPort?.postMessage({ seed, played: { ...played, violation: violation === undefined ? undefined : { message: violation.message } } });
}
