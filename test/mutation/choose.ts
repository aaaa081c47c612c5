import type { ChosenTests, Coverage } from './job.js';

/** What it costs to load a file of tests, ms. */
const LOAD = 30;

export interface Candidate extends ChosenTests {
  readonly tests: readonly number[];
  readonly cost: number;
}

/** Which tests reach a mutant: by file, the cheapest first, so many as take `budget` ms of time. */
export function createChooser(coverage: readonly Coverage[], budget: number): (mutant: number) => readonly Candidate[] {
  const reached = new Map<number, Map<Coverage, number[] | 'all'>>();
  const filesOf = (mutant: number): Map<Coverage, number[] | 'all'> => {
    const files = reached.get(mutant) ?? new Map<Coverage, number[] | 'all'>();
    reached.set(mutant, files);
    return files;
  };
  for (const covered of coverage) {
    for (const mutant of covered.loads) filesOf(mutant).set(covered, 'all');
    covered.tests.forEach(({ reaches, passed }, i) => {
      for (const mutant of passed ? reaches : []) {
        const files = filesOf(mutant);
        const tests = files.get(covered) ?? [];
        if (tests !== 'all') files.set(covered, [...tests, i]);
      }
    });
  }

  return (mutant) => {
    const files = [...(reached.get(mutant) ?? [])]
      .map(([covered, tests]) => candidate(covered, tests === 'all' ? covered.tests.map((_, i) => i) : tests, budget))
      .filter(({ tests }) => tests.length > 0)
      .sort((a, b) => a.cost - b.cost || (a.file < b.file ? -1 : 1));
    let spent = 0;
    return files.filter(({ cost }, i) => (spent += cost) <= budget || i === 0);
  };
}

/** Those tests of a file that pass without a mutant, the quick ones before the slow ones when not all of them can be run. */
function candidate({ file, tests: all }: Coverage, chosen: readonly number[], budget: number): Candidate {
  let cost = LOAD;
  const tests = chosen
    .flatMap((i) => (all[i]?.passed === true ? [{ i, ms: all[i].ms }] : []))
    .sort((a, b) => a.ms - b.ms)
    .filter(({ ms }, i) => {
      if (i > 0 && cost + ms > budget) return false;
      cost += ms;
      return true;
    })
    .map(({ i }) => i);
  return { file, tests, cost };
}
