/**
 * Counts the words of a text with worker processes that are found through a family of the database: nobody is told where
 * they are. One joins late, one is killed in the middle; nothing is lost and nothing counted twice. Run it with
 * `npm start`; `WORDCOUNT_MB` sets the size of the text.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createNode, type MpNode, type NodeOptions } from 'rxmp';
import {
  bufferCount,
  concat,
  defer,
  EMPTY,
  finalize,
  first,
  from,
  fromEvent,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  NEVER,
  reduce,
  startWith,
  Subject,
  switchMap,
  take,
  tap,
  zip,
  type Observable,
} from 'rxjs';
import { addCounts, countWords, differences, topWords, type Counts } from './count.js';
import { createCrew, type Worker } from './crew.js';
import { nodeProcess, type NodeProcess } from './processes.js';
import { createProgress } from './progress.js';
import { installedText } from './text.js';

const MEGABYTES = Number(process.env['WORDCOUNT_MB'] ?? 12);
const LINES_PER_BATCH = 400;
/** Some listen on TCP, one on WebSocket; the system chooses the ports. The last one starts late. */
const WORKER_BINDS = ['127.0.0.1:0', '127.0.0.1:0', 'ws://127.0.0.1:0', '127.0.0.1:0'];
const VICTIM = 'worker-2';
const LATE = 'worker-4';
const SERVICE = `${fileURLToPath(new URL('worker.js', import.meta.url))}#start`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A node of this process, open while subscribed. */
function ownNode(options: NodeOptions): Observable<MpNode> {
  return defer(() => createNode(options)).pipe(
    switchMap((node) => NEVER.pipe(startWith(node), finalize(() => void node.close()))),
  );
}

/** A process of the network, running while subscribed; says so when it is ready. */
function member(keys: Readonly<Record<string, string>>, secret: string): Observable<NodeProcess> {
  return nodeProcess(keys, secret).pipe(
    tap(({ id, pid, addresses }) => {
      print(`${id}  pid ${pid}  ${addresses.join(' ')}`);
    }),
  );
}

/** Streams the lines through whatever workers there are, and gives the counts of all. */
function countWith(node: MpNode, secret: string, seeds: string, lines: readonly string[]): Observable<Counts> {
  const batches = Math.ceil(lines.length / LINES_PER_BATCH);
  const crew = createCrew(node);
  const progress = createProgress(batches, crew.workers, () => node.clock.now());
  const [late, ...early] = WORKER_BINDS.map((binds, i) =>
    member({ nodeid: `worker-${i + 1}`, binds, seeds, services: SERVICE }, secret),
  ).reverse();
  const tenth$ = new Subject<void>();
  const half$ = new Subject<void>();
  const victim$ = new Subject<NodeProcess>();
  let done = 0;

  const processes$ = merge(...early, tenth$.pipe(take(1), switchMap(() => late ?? EMPTY))).pipe(
    tap((process) => {
      if (process.id === VICTIM) victim$.next(process);
    }),
  );
  const killing$ = zip(victim$, half$).pipe(
    take(1),
    tap(([victim]) => {
      progress.note(`killing ${VICTIM} (pid ${victim.pid})`);
      victim.kill('SIGKILL');
    }),
  );
  const told$ = crew.news$.pipe(
    tap(({ node: id, left }: Worker) => {
      progress.note(left === undefined ? `${id} has joined` : `${id} has left: its unfinished batches go to the others`);
    }),
  );

  // a fast machine would be done without the last to come: all waits for the victim, and the last quarter for the late worker
  const joined = (id: string): Observable<never> =>
    defer(() => (crew.workers.some(({ node }) => node === id) ? EMPTY : crew.news$.pipe(first((worker) => worker.node === id), ignoreElements())));
  const lastQuarter = Math.ceil(batches * 0.75) * LINES_PER_BATCH;
  const lines$ = concat(joined(VICTIM), from(lines.slice(0, lastQuarter)), joined(LATE), from(lines.slice(lastQuarter)));

  const counted$ = crew.count(lines$.pipe(bufferCount(LINES_PER_BATCH))).pipe(
    tap({
      next: () => {
        progress.update(++done);
        if (done === Math.ceil(batches / 10)) tenth$.next();
        if (done === Math.ceil(batches / 2)) half$.next();
      },
      // not in finalize: that would come after the result
      complete: progress.stop,
      error: progress.stop,
      unsubscribe: progress.stop,
    }),
    reduce(addCounts, new Map<string, number>()),
    tap(() => {
      print(`${crew.repeated} batches were left unfinished by one worker and counted by another`);
    }),
  );
  return merge(merge(processes$, killing$, told$).pipe(ignoreElements()), counted$);
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
  return member({ nodeid: 'seed', binds: '127.0.0.1:0' }, secret).pipe(
    switchMap(({ addresses }) =>
      // a private node that knows the seed, and nothing of the workers
      ownNode({ nodeid: 'conductor', secret, seeds: addresses }).pipe(
        switchMap((node) => countWith(node, secret, addresses.join(','), lines)),
      ),
    ),
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
