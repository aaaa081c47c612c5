import { performance } from 'node:perf_hooks';

/** A way to do the same work; gives how many operations it did, or how many each second if it has measured itself. */
export interface Contender {
  readonly name: string;
  run(): Promise<Rate> | Rate;
}

export interface Rate {
  readonly perSecond: number;
}

export interface Result {
  readonly name: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Times a synchronous or asynchronous piece of work that does `operations` operations. */
export async function timed(operations: number, work: () => Promise<void> | void): Promise<Rate> {
  const start = performance.now();
  await work();
  return { perSecond: (operations / (performance.now() - start)) * 1000 };
}

/** Runs the contenders in turn, A B A B ..., after one round that does not count: so all meet the same machine. */
export async function compare(contenders: readonly Contender[], rounds: number): Promise<Result[]> {
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const { perSecond } = await contender.run();
      if (round > 0) rates[index]?.push(perSecond);
    }
  }
  return contenders.map(({ name }, index) => summary(name, rates[index] ?? []));
}

function summary(name: string, rates: number[]): Result {
  const sorted = rates.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { name, min: at(0), median: at(0.5), max: at(1) };
}
