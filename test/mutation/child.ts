/**
 * A process that runs one job (see job.ts): `node child.js job.json`. It says on descriptor 3 what comes of it, and ends at the first
 * failure. The tests are those of vitest, run by vitest's own runner, without what vitest does around it: a new process for each
 * mutant takes a tenth of a second.
 */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startTests, type File, type Suite, type Task, type Test, type VitestRunner, type VitestRunnerConfig } from '@vitest/runner';
import type { CoveredTest, Job, Said } from './job.js';
import { SWITCH } from './schemata.js';
import { TREE } from './tree.js';

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
const say = (said: Said): void => { writeSync(3, `${JSON.stringify(said)}\n`); };
const isCoverage = job.mutant === 'coverage';

let reached = new Set<number>();
const reach = (id: number): boolean => {
  reached.add(id);
  return false;
};
Reflect.set(globalThis, SWITCH, isCoverage ? reach : (id: number) => id === job.mutant);
// where vitest's `expect` and `vi` look for the worker they are in
Reflect.set(globalThis, '__vitest_worker__', { config: { expect: {} }, environment: { name: 'node' }, filepath: '', onCleanup: () => undefined });

const config = {
  root: TREE,
  setupFiles: [],
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  maxConcurrency: 1,
  testTimeout: 20_000,
  hookTimeout: 20_000,
  retry: 0,
  passWithNoTests: true,
  includeTaskLocation: false,
  tags: [],
  strictTags: false,
} as unknown as VitestRunnerConfig;

let running = '';
const broken = new Set<string>();
function fail(test: string, why: unknown): void {
  broken.add(test);
  if (isCoverage) return;
  say({ kind: 'failed', why: `${test}: ${String(why instanceof Error ? why.message : why).slice(0, 200)}` });
  process.exit();
}

const testsOf = (suite: Suite): readonly Test[] => suite.tasks.flatMap((task) => (task.type === 'suite' ? testsOf(task) : [task]));
const titleOf = (task: Task): string => (task.suite === undefined ? task.name : `${titleOf(task.suite)} > ${task.name}`);
const errorOf = (task: Task): unknown => task.result?.errors?.[0]?.message;

for (const { file, tests: chosen } of job.files) {
  const loads = (reached = new Set());
  const reaches = new Map<Task, Set<number>>();
  let numbers = new Map<Task, number>();
  const runner: VitestRunner = {
    config,
    importFile: (path) => import(pathToFileURL(path).href),
    onCollected([collected]) {
      numbers = new Map(testsOf(collected as File).map((test, i) => [test, i]));
      if (chosen === undefined) return;
      for (const [test, i] of numbers) if (!chosen.includes(i)) test.mode = 'skip';
    },
    onBeforeRunSuite() {
      reached = loads;
    },
    onBeforeRunTask(test) {
      reaches.set(test, (reached = new Set()));
      running = titleOf(test);
      if (test.mode === 'run') say({ kind: 'start', file, test: numbers.get(test) ?? 0 });
    },
    onAfterRunTask(test) {
      if (test.result?.state === 'fail') fail(running, errorOf(test));
    },
    onAfterRunSuite(suite) {
      if (suite.result?.state === 'fail' && errorOf(suite) !== undefined) fail(titleOf(suite), errorOf(suite));
    },
  };
  running = file;
  const ended = (error: unknown): void => { fail(running, error); };
  process.on('uncaughtException', ended).on('unhandledRejection', ended);
  const report = (): void => {
    const covered = [...numbers.keys()].map((test): CoveredTest => ({
      name: titleOf(test),
      passed: test.result?.state === 'pass' && !broken.has(titleOf(test)),
      ms: test.result?.duration ?? 0,
      reaches: [...(reaches.get(test) ?? [])],
    }));
    say({ kind: 'covered', coverage: { file, loads: [...loads], tests: covered } });
  };
  // nothing is left to wait for, and a test still waits
  const hang = (): void => {
    fail(running, 'waits for ever');
    report();
  };
  process.on('beforeExit', hang);
  await startTests([join(TREE, file.replace(/\.ts$/, '.js'))], runner);
  process.off('beforeExit', hang);
  if (isCoverage) report();
  process.off('uncaughtException', ended).off('unhandledRejection', ended);
}
if (!isCoverage) say({ kind: 'passed' });
process.exit();
