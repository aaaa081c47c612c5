import { spreadCalls } from 'rxmp/operators';
import type { MpNode, PortId } from 'rxmp';
import { map, share, Subject, tap, type Observable } from 'rxjs';
import { WORKERS, type CountReply, type CountRequest } from './worker.js';

/** A worker as the conductor sees it. */
export interface Worker {
  /** The id of its node. */
  readonly node: string;
  readonly port: PortId<CountRequest>;
  /** When it came, and when it went. */
  readonly since: number;
  left: number | undefined;
  batches: number;
  lines: number;
  words: number;
}

export interface Crew {
  /** All that there have been, in the order in which they came. */
  readonly workers: readonly Worker[];
  /** Those who come, and those who go; watched while somebody counts. */
  readonly news$: Observable<Worker>;
  /** Has the workers count batches of lines; gives the counts of each batch once, however many workers go meanwhile. */
  count(batches$: Observable<readonly string[]>): Observable<CountReply[0]>;
  /** Batches that a worker has left unfinished, and another one has counted. */
  readonly repeated: number;
}

const CALLS_PER_WORKER = 4;
/** How long a worker may take for a batch, ms. */
const PATIENCE = 10_000;

/** Whoever registers as a worker, anywhere in the network, gets work: nobody has to be told of him. */
export function createCrew(node: MpNode): Crew {
  const workers: Worker[] = [];
  const news$ = new Subject<Worker>();
  let repeated = 0;

  const joined = (key: string): void => {
    const port = key as PortId<CountRequest>;
    const worker = { node: node.nodeOf(port), port, since: node.clock.now(), left: undefined, batches: 0, lines: 0, words: 0 };
    workers.push(worker);
    news$.next(worker);
  };
  const left = (key: string): void => {
    const worker = workers.find(({ port }) => port === key);
    if (worker === undefined) return;
    worker.left = node.clock.now();
    news$.next(worker);
  };
  const family$ = node.dbMon(WORKERS).pipe(
    tap(({ add, del }) => {
      del.forEach(left);
      add.forEach(joined);
    }),
    share(),
  );
  return {
    workers,
    news$,
    get repeated() {
      return repeated;
    },
    count: (batches$) =>
      batches$.pipe(
        map((lines) => ['count', lines] as const),
        spreadCalls<CountRequest>(node, family$, { perPort: CALLS_PER_WORKER, timeout: PATIENCE }),
        map(({ request: [, lines], reply: [counts], port, attempts }) => {
          if (attempts > 1) repeated++;
          const worker = workers.find((one) => one.port === port);
          if (worker !== undefined) credit(worker, lines, counts);
          return counts;
        }),
      ),
  };
}

function credit(worker: Worker, lines: readonly string[], counts: CountReply[0]): void {
  worker.batches++;
  worker.lines += lines.length;
  worker.words += counts.reduce((words, [, count]) => words + count, 0);
}
