import { performance } from 'node:perf_hooks';
import { createNode } from 'rxmp';
import { spreadCalls } from 'rxmp/operators';
import { filter, firstValueFrom, lastValueFrom, map, range, reduce } from 'rxjs';
import type { Running } from '../harness/measure.js';
import type { Job } from '../threads/primes.js';

/** Every piece of the job is the same: about ten milliseconds of one core. */
const FROM = 1_000_000;
const PIECE = 50_000;
/** How many primes there are in a piece. */
const PRIMES = 3_636;

/** A job that keeps processors busy, on so many workers; ms for each piece of it. */
export async function open(workers: number): Promise<Running> {
  const node = await createNode();
  const family$ = node.dbMon('primes');
  const file = new URL('../threads/primes.js', import.meta.url);
  await Promise.all(Array.from({ length: workers }, () => node.spawnWorker(file)));
  await firstValueFrom(family$.pipe(filter(({ family }) => family.size === workers)));
  return {
    async run(pieces) {
      const start = performance.now();
      const primes = await lastValueFrom(
        range(0, pieces).pipe(
          map(() => ['count', FROM, FROM + PIECE] as const),
          spreadCalls<Job>(node, family$, { perPort: 2 }),
          reduce((sum, { reply: [count] }) => sum + count, 0),
        ),
      );
      if (primes !== pieces * PRIMES) throw new Error(`${primes} primes in ${pieces} pieces, expected ${pieces * PRIMES}`);
      return (performance.now() - start) / pieces;
    },
    close: () => node.close(),
  };
}
