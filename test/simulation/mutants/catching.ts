import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { work } from '../work.js';
import { mutate } from './build.js';
import { mutants, type Mutant } from './mutants.js';

/** A mutant that so many runs don't catch is not caught. */
const RUNS = 20;
/** The mutants are in so many test files, so that two workers share them. */
const FILES = 2;

interface Caught {
  readonly seed: number;
  readonly rule: string;
  readonly message: string;
}

/** Plays runs of a mutant until one breaks a rule; undefined: none has. */
async function firstViolation(mutant: Mutant, runs: number): Promise<Caught | undefined> {
  const folder = mutate(mutant);
  let caught: Caught | undefined;
  let played = 0;
  try {
    await work(pathToFileURL(`${folder}/test/simulation/worker.js`), { from: 1, to: runs + 1, step: 1 }, (seed, { violation }) => {
      played++;
      if (violation !== undefined) caught = { seed, rule: violation.rule, message: violation.message };
      return violation !== undefined;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (caught === undefined) expect(played).toBe(runs);
  return caught;
}

/** Tests one file's share of the mutants, and that a copy which is not broken runs without a violation. */
export function catchMutants(file: number): void {
  const report: string[] = [];
  afterAll(() => {
    console.log(`caught\n${report.join('\n')}`);
  });

  describe('a product that is broken on purpose is caught', () => {
    it.each(mutants.filter((_mutant, i) => i % FILES === file))('one that $name', { timeout: 120_000 }, async (mutant) => {
      const caught = await firstViolation(mutant, RUNS);
      if (caught === undefined) return expect.fail(`${RUNS} runs have not caught it`);
      report.push(`  ${mutant.name}: by run ${caught.seed}, ${caught.rule}`);
      expect(mutant.rules, caught.message).toContain(caught.rule);
    });

    it('and one that is not runs without a violation', { timeout: 120_000 }, async () => {
      expect(await firstViolation({ name: `nothing ${file}`, rules: [], changes: [] }, 1)).toBeUndefined();
    });
  });
}
