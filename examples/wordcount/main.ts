/**
 * Counts the words of a text with three worker processes, one of which is killed in the middle: nothing is lost and
 * nothing counted twice. Run it with `npm start`; `WORDCOUNT_MB` sets the size of the text.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createNode, describeReason, type MpNode, type NodeOptions } from 'rxmp';
import {
  bufferCount,
  combineLatest,
  defer,
  finalize,
  from,
  fromEvent,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  NEVER,
  reduce,
  startWith,
  switchMap,
  take,
  tap,
  type Observable,
} from 'rxjs';
import { addCounts, countWords, differences, topWords, type Counts } from './count.js';
import { createCrew, type Worker } from './crew.js';
import { nodeProcess, type NodeProcess } from './processes.js';
import { createProgress } from './progress.js';
import { installedText } from './text.js';

const MEGABYTES = Number(process.env['WORDCOUNT_MB'] ?? 12);
const LINES_PER_BATCH = 400;
const CALLS_PER_WORKER = 4;
/** Two workers listen on TCP, one on WebSocket; the system chooses the ports. */
const WORKER_BINDS = ['127.0.0.1:0', '127.0.0.1:0', 'ws://127.0.0.1:0'];
const SERVICE = `${fileURLToPath(new URL('worker.js', import.meta.url))}#start`;

interface Cluster {
  readonly seed: NodeProcess;
  readonly workers: readonly NodeProcess[];
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A seed and its workers, running while subscribed. */
function cluster(secret: string): Observable<Cluster> {
  return nodeProcess({ nodeid: 'seed', binds: '127.0.0.1:0' }, secret).pipe(
    switchMap((seed) => {
      const seeds = seed.addresses.join(',');
      const workers = WORKER_BINDS.map((binds, i) =>
        nodeProcess({ nodeid: `worker-${i + 1}`, binds, seeds, services: SERVICE }, secret),
      );
      return combineLatest(workers).pipe(map((ready) => ({ seed, workers: ready })));
    }),
  );
}

/** A node of this process, open while subscribed. */
function ownNode(options: NodeOptions): Observable<MpNode> {
  return defer(() => createNode(options)).pipe(
    switchMap((node) => NEVER.pipe(startWith(node), finalize(() => void node.close()))),
  );
}

/** Streams the lines through the workers; gives the counts of all. One worker is killed halfway. */
function countWith(node: MpNode, processes: readonly NodeProcess[], lines: readonly string[]): Observable<Counts> {
  const batches = Math.ceil(lines.length / LINES_PER_BATCH);
  let done = 0;
  const died = ({ process: { id }, busy, death }: Worker): void => {
    const reason = describeReason(death?.reason ?? []);
    progress.note(`${id} died: ${reason}; its ${busy} unfinished batches go to the others`);
  };
  const crew = createCrew(node, processes, died);
  const progress = createProgress(batches, crew.workers, () => node.clock.now());
  const killOne = (): void => {
    const victim = crew.workers[1]?.process;
    progress.note(`killing ${victim?.id} (pid ${victim?.pid})`);
    victim?.kill('SIGKILL');
  };
  return from(lines).pipe(
    bufferCount(LINES_PER_BATCH),
    // the text is in memory, so waiting batches cost nothing: what has to be bounded is the calls under way
    mergeMap((batch) => crew.count(batch), CALLS_PER_WORKER * processes.length),
    tap({
      next: () => {
        progress.update(++done);
        if (done === Math.ceil(batches / 2)) killOne();
      },
      // not in finalize: that would come after the result
      complete: progress.stop,
      error: progress.stop,
      unsubscribe: progress.stop,
    }),
    reduce(addCounts, new Map<string, number>()),
  );
}

/** Shows the result beside a count in this process alone; gives the exit code. */
function verdict(counted: Counts, lines: readonly string[]): number {
  print(`top 10 of ${counted.size} different words:`);
  for (const [word, count] of topWords(counted, 10)) print(`  ${word.padEnd(12)} ${String(count).padStart(8)}`);
  const wrong = differences(counted, countWords(lines));
  print(wrong.length === 0 ? 'equal: yes' : `equal: no, ${wrong.length} words differ`);
  for (const [word, count, expected] of wrong.slice(0, 10)) print(`  ${word}: ${count} instead of ${expected}`);
  return wrong.length === 0 ? 0 : 1;
}

function main(): Observable<number> {
  const { lines, octets, files } = installedText(MEGABYTES * 1e6);
  print(
    `text: ${(octets / 1e6).toFixed(1)} MB, ${lines.length} lines of ${files} files: ` +
      'documentation, licences, declarations and sources of the installed packages',
  );
  // nobody else gets into the network: the secret is new each time, and only these processes see it
  const secret = randomBytes(24).toString('hex');
  return cluster(secret).pipe(
    tap(({ seed, workers }) => {
      for (const { id, pid, addresses } of [seed, ...workers]) print(`${id}  pid ${pid}  ${addresses.join(' ')}`);
    }),
    switchMap(({ seed, workers }) => {
      const seeds = [seed, ...workers].flatMap(({ addresses }) => addresses);
      return ownNode({ nodeid: 'conductor', secret, seeds }).pipe(
        switchMap((node) => countWith(node, workers, lines)),
      );
    }),
    map((counted) => verdict(counted, lines)),
  );
}

const interrupted$ = merge(
  fromEvent(process, 'SIGINT').pipe(map(() => 130)),
  fromEvent(process, 'SIGTERM').pipe(map(() => 143)),
  // nobody reads the output any more, as after `npm start | head`
  fromEvent(process.stdout, 'error').pipe(map(() => 141)),
);

// the first result unsubscribes from all else: that closes the node and ends the processes, and then nothing is left to
// keep this process alive
try {
  process.exitCode = await lastValueFrom(merge(interrupted$, defer(main)).pipe(take(1)));
} catch (error) {
  process.stderr.write(`wordcount: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
