import { runJob, type LimitOf } from './children.js';
import { createChooser } from './choose.js';
import type { Coverage } from './job.js';
import type { Mutant } from './mutant.js';
import type { Result } from './score.js';

/** A test with a mutant may take so many times as long as without, and so many ms more, on a machine that does other things too. */
const SLOWER = 5;
const LATER = 3_000;
/** Tests of so many ms measure time or memory, or wait: what they find is true only if they pass without the mutant right after. */
const MEASURING = 150;

/** Runs one mutant, in the process with that number. */
export function createJudge(coverage: readonly Coverage[], budget: number): (mutant: Mutant, place: number) => Promise<Result> {
  const choose = createChooser(coverage, budget);
  const byFile = new Map(coverage.map((covered) => [covered.file, covered]));
  const msOf = (file: string, test: number): number => byFile.get(file)?.tests[test]?.ms ?? 0;
  const limitOf: LimitOf = (file, test) => SLOWER * msOf(file, test) + LATER;

  return async (mutant, place) => {
    let files = choose(mutant.id);
    if (files.length === 0) return { mutant, status: 'not covered' };
    for (;;) {
      const { last, running, timedOut } = await runJob({ mutant: mutant.id, files }, limitOf, place);
      if (last.kind === 'passed') return { mutant, status: 'survived' };
      const killed: Result = { mutant, status: timedOut ? 'timed out' : 'killed', by: last.kind === 'failed' && !timedOut ? last.why : `${running?.file} #${running?.test}` };
      if (running === undefined || msOf(running.file, running.test) < MEASURING) return killed;
      const { file, test } = running;
      const without = await runJob({ mutant: 'none', files: [{ file, tests: [test] }] }, limitOf, place);
      if (without.last.kind === 'passed') return killed;
      files = files.map((one) => (one.file === file ? { ...one, tests: one.tests.filter((i) => i !== test) } : one));
    }
  };
}
