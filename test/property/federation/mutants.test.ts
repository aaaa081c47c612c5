import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenCore, mutants, prepare, tidy } from './mutants.js';
import { play } from './play.js';

/** A mutant that so many runs don't catch is not caught. */
const RUNS = 200;

const report: string[] = [];
beforeAll(prepare);
afterAll(() => {
  tidy();
  console.log(`federation: caught within ${RUNS} runs\n${report.join('\n')}`);
});

describe('the random trees catch each defect of the system that the protocol comes from', () => {
  it.each(mutants)('$defect', { timeout: 60_000 }, async (mutant) => {
    const broken = await brokenCore(mutant);
    for (let seed = 1; seed <= RUNS; seed++) {
      const { violation } = play(broken, seed);
      if (violation === undefined) continue;
      report.push(`  ${mutant.defect}: run ${seed}, ${violation.split('\n')[0]?.slice(0, 160)}`);
      return;
    }
    expect.fail(`${RUNS} runs have not caught it`);
  });
});
