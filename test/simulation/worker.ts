import { parentPort, workerData } from 'node:worker_threads';
import { planOf } from './plan.js';
import { play } from './play.js';
import type { Share } from './work.js';

const { from, to, step } = workerData as Share;
for (let seed = from; seed < to; seed += step) {
  const { violation, ...played } = await play(planOf(seed));
  // an error would lose its own properties on the way
  parentPort?.postMessage({ seed, played: { ...played, violation: violation && { rule: violation.rule, message: violation.message } } });
}
