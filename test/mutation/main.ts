/**
 * `npm run mutants`: changes one small thing of the product at a time, and runs the tests that reach it.
 *
 *     [where ...]            only there: folders, files, or lines as src/wire/cbor.ts:23; all folders otherwise
 *     --sample N --seed N    so many of them, chosen by chance from the seed (default 1)
 *     --budget MS            tests of so much time for each mutant, the quickest first (default 10000)
 *     --workers N            processes at a time (default 2)
 *     --again                only what has survived earlier runs, of those chosen; the scores are those of all that were run
 *     --list                 tells the mutants, and runs none
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { fraction } from '../../src/env/random.js';
import { seededRandom } from '../../src/testing/index.js';
import { inParallel } from './children.js';
import { measureCoverage } from './coverage.js';
import { createJudge } from './judge.js';
import { describeMutant, keyOf, type Mutant } from './mutant.js';
import { earlierResults, keepResults } from './results.js';
import { describeScores, isKilled, type Result } from './score.js';
import { CACHE, sharedHash, testFiles, writeTree } from './tree.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    budget: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '2' },
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const RESULTS = join(CACHE, 'results.json');
const workers = Number(values.workers);

const mutants = writeTree();
const isChosen = ({ file, line }: Mutant): boolean =>
  positionals.length === 0 || positionals.some((where) => where === file || where === `${file}:${line}` || file.startsWith(`${where.replace(/\/$/, '')}/`));
/** Of all runs, as far as the product is still the same. */
const earlier = earlierResults(RESULTS, mutants);
const hasSurvived = (mutant: Mutant): boolean => {
  const result = earlier.get(keyOf(mutant));
  return result !== undefined && !isKilled(result);
};
const chosen = sample(mutants.filter((mutant) => isChosen(mutant) && (!values.again || hasSurvived(mutant))));
if (mutants.every((mutant) => !isChosen(mutant))) throw new Error(`no mutants in ${positionals.join(', ')}: name folders, files or lines, as src/wire, src/wire/cbor.ts or src/wire/cbor.ts:23`);

if (values.list) for (const mutant of chosen) console.log(describeMutant(mutant));
else await run();

async function run(): Promise<void> {
  const files = testFiles();
  const bar = new SingleBar({ format: '{bar} {value}/{total} {what}, {eta_formatted} left', noTTYOutput: true, notTTYSchedule: 60_000 });
  bar.start(files.length, 0, { what: 'files of tests' });
  const coverage = await measureCoverage(files, sharedHash(), workers, () => { bar.increment(); });
  bar.stop();
  for (const { file, tests } of coverage) {
    if (tests.length === 0) console.log(`left out, since it does not load: ${file}`);
    for (const { name, passed } of tests) if (!passed) console.log(`left out, since it does not pass without a mutant: ${name}`);
  }

  const judge = createJudge(coverage, Number(values.budget));
  const results: Result[] = [];
  bar.start(chosen.length, 0, { what: 'mutants' });
  await inParallel(chosen, workers, async (mutant, place) => {
    const result = await judge(mutant, place);
    results.push(result);
    bar.increment();
    earlier.set(keyOf(mutant), result);
    if (results.length % 50 === 0) keepResults(RESULTS, earlier);
  });
  bar.stop();
  keepResults(RESULTS, earlier);
  tell(values.again ? [...earlier.values()].filter(({ mutant }) => isChosen(mutant)) : results);
}

function tell(results: readonly Result[]): void {
  const ordered = results.toSorted((a, b) => a.mutant.id - b.mutant.id);
  for (const { mutant, status } of ordered.filter((result) => !isKilled(result))) console.log(`${status}: ${describeMutant(mutant)}`);
  console.log(`\n${describeScores(ordered, mutants)}\n\nseed ${values.seed}, ${values.budget} ms of tests for each; details: ${RESULTS}`);
}

function sample(from: readonly Mutant[]): readonly Mutant[] {
  if (values.sample === undefined) return from;
  const random = seededRandom(Number(values.seed));
  return from
    .map((mutant) => ({ mutant, place: fraction(random) }))
    .sort((a, b) => a.place - b.place)
    .slice(0, Number(values.sample))
    .map(({ mutant }) => mutant);
}
