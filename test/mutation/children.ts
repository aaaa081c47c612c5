import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Job, Said } from './job.js';
import { CACHE } from './tree.js';

const CHILD = new URL('./child.js', import.meta.url).pathname;
/** A mutant that takes more memory than this has gone astray, MB. */
const MEMORY = 1_000;
/** For the start of the process and for what is set up between tests, ms. */
const START = 20_000;

/** How long a test may take, ms. */
export type LimitOf = (file: string, test: number) => number;

export interface Outcome {
  /** What the process said last. */
  readonly last: Said;
  /** The test that ran then; none before the first. */
  readonly running: { readonly file: string; readonly test: number } | undefined;
  readonly timedOut: boolean;
}

/** Runs a job in a process of its own. When that goes away, or takes too long, the job has failed. */
export function runJob(job: Job, limitOf: LimitOf, place: number): Promise<Outcome> {
  const input = join(CACHE, `job-${place}.json`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(input, JSON.stringify(job));
  const child = spawn(process.execPath, ['--expose-gc', `--max-old-space-size=${MEMORY}`, CHILD, input], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  let last: Said = { kind: 'failed', why: 'the process ended' };
  let running: Outcome['running'];
  let timedOut = false;
  let timer: NodeJS.Timeout | undefined;
  const within = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, ms);
  };
  within(START);
  const lines = createInterface(child.stdio[3] as Readable);
  lines.on('line', (line) => {
    const said = JSON.parse(line) as Said;
    if (said.kind !== 'start') last = said;
    else {
      running = said;
      within(limitOf(said.file, said.test));
    }
  });
  return new Promise((resolve) => {
    lines.on('close', () => {
      clearTimeout(timer);
      resolve({ last, running, timedOut });
    });
  });
}

/** Does `work` for each item, in so many processes at a time. */
export async function inParallel<T>(items: readonly T[], workers: number, work: (item: T, place: number) => Promise<void>): Promise<void> {
  const left = [...items];
  const one = async (place: number): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item, place);
  };
  await Promise.all(Array.from({ length: workers }, (_, place) => one(place)));
}
