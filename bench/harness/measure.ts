import { performance } from 'node:perf_hooks';

/** Something that is measured beside others which do the same work. */
export interface Contender {
  /** Stable, and unique in its row: goals and expectations name it. */
  readonly id: string;
  readonly name: string;
  /** Why it cannot be measured here. */
  readonly absent?: string | undefined;
  /** Operations of each run; undefined: as many as fill the time of a run. */
  readonly operations?: number | undefined;
  open(): Promise<Running> | Running;
}

/** A contender that is ready, with everything that it needs started. */
export interface Running {
  /** Does so many operations and gives a figure in the unit of its row. */
  run(operations: number): Promise<number> | number;
  /** What has to be said about the figure. */
  readonly note?: string | undefined;
  close?(): unknown;
}

export interface Effort {
  /** How long each contender runs before it counts, at least, in ms: the engine compiles what runs often. */
  readonly warmUp: number;
  /** Runs that count. */
  readonly rounds: number;
  /** How long a run takes, about, in ms. */
  readonly ms: number;
}

export interface Measured {
  readonly id: string;
  readonly name: string;
  readonly note?: string;
  /** One of each round, in order: those of one index met the same machine. */
  readonly samples: readonly number[];
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Absent {
  readonly id: string;
  readonly name: string;
  readonly absent: string;
}

export type Result = Measured | Absent;

interface Opened {
  readonly contender: Contender;
  readonly running: Running;
  readonly samples: number[];
}

/** Opens all contenders, warms each up, and runs them in turn, A B A B ...: so all meet the same machine. */
export async function compare(contenders: readonly Contender[], effort: Effort): Promise<Result[]> {
  const present = contenders.filter(({ absent }) => absent === undefined);
  const openings = await Promise.allSettled(present.map(async (contender): Promise<Opened> => ({ contender, running: await contender.open(), samples: [] })));
  const opened = openings.flatMap((opening) => (opening.status === 'fulfilled' ? [opening.value] : []));
  try {
    for (const opening of openings) if (opening.status === 'rejected') throw opening.reason;
    const operations: number[] = [];
    for (const { contender, running } of opened) operations.push(await warmedUp(contender, running, effort));
    for (let round = 0; round < effort.rounds; round++) {
      for (const [i, { running, samples }] of opened.entries()) samples.push(await running.run(operations[i] ?? 1));
    }
  } finally {
    for (const { running } of opened) await running.close?.();
  }
  const measured = new Map(opened.map((one) => [one.contender, one]));
  return contenders.map((contender) => resultOf(contender, measured.get(contender)));
}

/** Warms up with ever more operations; gives how many fill a run. */
async function warmedUp({ operations: given }: Contender, running: Running, { ms, warmUp }: Effort): Promise<number> {
  if (given !== undefined) {
    await running.run(given);
    return given;
  }
  const begin = performance.now();
  // by the fastest run, since any other one may have waited for something else
  for (let operations = 1, fastest = 0, filled = 0; ; ) {
    const start = performance.now();
    await running.run(operations);
    const now = performance.now();
    filled = now - start > ms / 2 ? filled + 1 : 0;
    fastest = Math.max(fastest, operations / (now - start));
    operations = Math.ceil(Math.min(operations * 10, fastest * ms));
    if (filled >= 3 && now - begin > warmUp) return operations;
  }
}

function resultOf({ id, name, absent }: Contender, opened: Opened | undefined): Result {
  if (opened === undefined) return { id, name, absent: absent ?? 'not run' };
  const { note } = opened.running;
  return { id, name, ...(note !== undefined && { note }), samples: opened.samples, ...summary(opened.samples) };
}

export function summary(samples: readonly number[]): { readonly min: number; readonly median: number; readonly max: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** So large a share is no greater. */
export const percentile = (samples: readonly number[], share: number): number =>
  samples.toSorted((a, b) => a - b)[Math.floor(share * (samples.length - 1))] ?? Number.NaN;

/** Times a piece of work: operations a second. */
export async function perSecond(operations: number, work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (operations / (performance.now() - start)) * 1000;
}
