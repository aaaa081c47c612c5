import { callWithRetry } from 'rxmp/operators';
import type { MpNode, PortId, Reason } from 'rxmp';
import { defer, finalize, map, of, tap, type Observable } from 'rxjs';
import type { NodeProcess } from './processes.js';
import { COUNTER, type CountReply, type CountRequest } from './worker.js';

/** A worker as the conductor sees it. */
export interface Worker {
  readonly process: NodeProcess;
  readonly port: PortId<CountRequest>;
  /** Calls under way. */
  busy: number;
  batches: number;
  lines: number;
  words: number;
  /** When it died, and why. */
  death: { readonly at: number; readonly reason: Reason } | undefined;
}

export interface Crew {
  readonly workers: readonly Worker[];
  /** Has some worker count a batch; gives the counts once, however many workers die meanwhile. */
  count(lines: readonly string[]): Observable<CountReply[0]>;
}

/** How long a worker may take for a batch, ms. */
const PATIENCE = 10_000;

/** Spawns a counting port on each process and watches it; `died` hears of each that is lost. */
export function createCrew(node: MpNode, processes: readonly NodeProcess[], died: (worker: Worker) => void): Crew {
  const conductor = node.port();
  const workers = processes.map((process): Worker => {
    const port = node.spawn<CountRequest>(process.id, COUNTER, conductor);
    return { process, port, busy: 0, batches: 0, lines: 0, words: 0, death: undefined };
  });
  // before any call: so a worker is known to be dead when its calls fail and look for another one
  for (const worker of workers) {
    node.mon(worker.port, (...reason) => {
      worker.death = { at: node.clock.now(), reason };
      died(worker);
    });
  }

  const idlest = (): Worker => {
    const [first, ...others] = workers.filter(({ death }) => death === undefined);
    if (first === undefined) throw new Error('no worker is left');
    return others.reduce((best, other) => (other.busy < best.busy ? other : best), first);
  };

  const count = (lines: readonly string[]): Observable<CountReply[0]> =>
    defer(() => {
      let worker: Worker | undefined;
      const release = (): void => {
        if (worker !== undefined) worker.busy--;
      };
      const choose = (): Worker['port'] => {
        release();
        worker = idlest();
        worker.busy++;
        return worker.port;
      };
      // a reply port is for one call: what a worker answers too late, reaches nobody and is not counted twice
      return of(['count', lines] as const).pipe(
        callWithRetry(node, choose, { timeout: PATIENCE, count: workers.length }),
        map(([counts]) => counts),
        tap((counts) => {
          if (worker !== undefined) credit(worker, lines, counts);
        }),
        finalize(release),
      );
    });
  return { workers, count };
}

function credit(worker: Worker, lines: readonly string[], counts: CountReply[0]): void {
  worker.batches++;
  worker.lines += lines.length;
  worker.words += counts.reduce((words, [, count]) => words + count, 0);
}
