import { expect } from 'vitest';
import { planOf } from './plan.js';
import { play } from './play.js';
import { shrink, textOf } from './shrink.js';

/** How long a failing run is made shorter, ms. */
const SHRINKING = 60_000;

/** Plays runs; fails with the seed, the options and the shortest actions that break the same rule. */
export async function playRuns(from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const plan = planOf(seed);
    const { violation } = await play(plan);
    if (violation === undefined) continue;
    const short = textOf(await shrink(plan, violation.rule, SHRINKING));
    expect.fail(`seed ${seed}: ${violation.message}\nreplay: npm run sim -- --seed ${seed} --trace\n${short}`);
  }
}
