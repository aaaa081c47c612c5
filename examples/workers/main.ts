/**
 * Counts primes on all cores: workers register in a family, and `spreadCalls` gives each of them what it can take. One is ended in the
 * middle; what it was about to count another one does.
 */
import { availableParallelism } from 'node:os';
import { createNode } from 'rxmp';
import { spreadCalls } from 'rxmp/operators';
import { lastValueFrom, map, range, reduce, tap } from 'rxjs';
import { countPrimes } from './primes.js';
import type { Job } from './worker.js';

const PIECES = 40;
const PIECE = Number(process.env['PRIMES_PIECE'] ?? 50_000);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const node = await createNode();
const names = Array.from({ length: Math.max(2, availableParallelism()) }, (_, i) => `worker-${i + 1}`);
const workers = await Promise.all(names.map((name) => node.spawnWorker(new URL('worker.js', import.meta.url), { name })));
print(`${workers.length} workers`);

const [victim] = workers;
victim?.ended$.subscribe(({ reason }) => { print(`${victim.name ?? ''}: ${reason}`); });

const counts = new Map<string, number>();
let done = 0;
let repeated = 0;
const total = await lastValueFrom(
  range(0, PIECES).pipe(
    map((i) => ['count', i * PIECE, (i + 1) * PIECE] as const),
    spreadCalls<Job>(node, node.dbMon('primes')),
    tap(({ port, attempts }) => {
      const by = node.nodeOf(port);
      counts.set(by, (counts.get(by) ?? 0) + 1);
      if (attempts > 1) repeated++;
      if (++done === PIECES / 4) void victim?.terminate();
    }),
    reduce((sum, { reply: [count] }) => sum + count, 0),
  ),
);

for (const { name, node: id } of workers) print(`${name ?? ''} has counted ${counts.get(id) ?? 0} of ${PIECES} pieces`);
print(`${repeated} begun by a worker that ended, and counted by another one`);
print(`${total} primes below ${PIECES * PIECE}: ${total === countPrimes(0, PIECES * PIECE) ? 'right' : 'wrong'}`);
await node.close();
