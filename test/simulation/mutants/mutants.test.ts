import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { planOf as PlanOf } from '../plan.js';
import type { play as Play } from '../play.js';
import { compile, mutate } from './build.js';
import { mutants } from './mutants.js';

/** A mutant that so many runs don't catch is not caught. */
const RUNS = 40;

/** The simulator of a copy of the product. */
async function simulatorOf(folder: string) {
  const load = async (file: string): Promise<object> => import(/* @vite-ignore */ `file://${folder}/test/simulation/${file}.js`) as Promise<object>;
  const { planOf } = (await load('plan')) as { planOf: typeof PlanOf };
  const { play } = (await load('play')) as { play: typeof Play };
  return (seed: number) => play(planOf(seed));
}

let right: string;
beforeAll(() => {
  right = compile();
}, 120_000);
const report: string[] = [];
afterAll(() => {
  console.log(`caught\n${report.join('\n')}`);
});

describe('a product that is broken on purpose is caught', () => {
  it.each(mutants)('one that $name', { timeout: 120_000 }, async (mutant) => {
    const folder = mutate(right, mutant);
    try {
      const playSeed = await simulatorOf(folder);
      for (let seed = 1; seed <= RUNS; seed++) {
        const { violation } = await playSeed(seed);
        if (violation === undefined) continue;
        report.push(`  ${mutant.name}: by run ${seed}, ${violation.rule}`);
        expect(mutant.rules, violation.message).toContain(violation.rule);
        return;
      }
      expect.fail(`${RUNS} runs have not caught it`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('and one that is not runs without a violation', async () => {
    const playSeed = await simulatorOf(right);
    expect((await playSeed(1)).violation).toBeUndefined();
  });
});
