import { expect } from 'vitest';
import { work, type Share } from './work.js';

/** Compiled: to transform the sources for each test file, and to run what comes of it, takes longer. */
const WORKER = new URL('../../dist/test/simulation/worker.js', import.meta.url);
/** How long a failing run is made shorter, ms. */
const SHRINKING = 60_000;

/** Plays runs; fails with the seed, the options and the shortest actions that break the same rule. */
export async function playRuns(share: Share): Promise<void> {
  let failed: { readonly seed: number; readonly rule: string; readonly message: string } | undefined;
  let runs = 0;
  await work(WORKER, share, (seed, { violation }) => {
    runs++;
    if (violation !== undefined) failed = { seed, rule: violation.rule, message: violation.message };
    return violation !== undefined;
  });
  if (failed !== undefined) expect.fail(await described(failed));
  expect(runs).toBe(Math.ceil((share.to - share.from) / share.step));
}

async function described({ seed, rule, message }: { readonly seed: number; readonly rule: string; readonly message: string }): Promise<string> {
  const [{ planOf }, { shrink, textOf }] = await Promise.all([import('./plan.js'), import('./shrink.js')]);
  const short = textOf(await shrink(planOf(seed), rule, SHRINKING));
  return `seed ${seed}: ${message}\nreplay: npm run sim -- --seed ${seed} --trace\n${short}`;
}
