import { parentPort, workerData } from 'node:worker_threads';
import { planOf } from './plan.js';
import { play } from './play.js';
import { playPromotions } from './promotions.js';
import type { Share } from './work.js';

/** In so many runs slaves become global, too. */
const EVERY = 3;

const { from, to, step } = workerData as Share;
for (let seed = from; seed < to; seed += step) {
  const { violation: broken, ...played } = await play(planOf(seed));
  const violation = broken ?? (seed % EVERY === 0 ? await playPromotions(seed) : undefined);
  // an error would lose its own properties on the way
  parentPort?.postMessage({ seed, played: { ...played, violation: violation && { rule: violation.rule, message: violation.message } } });
}
