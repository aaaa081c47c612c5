/**
 * Presence and a shared to-do list over three processes, found through a seed. One is killed: what it has asserted is gone
 * everywhere at once. `node dist/examples/todo/main.js` plays it all by itself, and ends with exit code 0 if it was right.
 */
import { randomBytes } from 'node:crypto';
import { createNode, type MpNode } from 'rxmp';
import {
  combineLatest,
  concat,
  defer,
  finalize,
  fromEvent,
  lastValueFrom,
  map,
  merge,
  NEVER,
  of,
  startWith,
  switchMap,
  take,
  tap,
  type Observable,
} from 'rxjs';
import { memberProcess, type MemberProcess } from './processes.js';
import { show } from './show.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** The seed: a node of this process that knows nothing of the list, open while subscribed. */
function seedNode(secret: string): Observable<MpNode> {
  return defer(() => createNode({ nodeid: 'seed', binds: ['127.0.0.1:0'], secret, global: true })).pipe(
    switchMap((node) => NEVER.pipe(startWith(node), finalize(() => void node.close()))),
  );
}

function main(): Observable<number> {
  // nobody else gets into the network: the secret is new each time, and only these processes see it
  const secret = randomBytes(24).toString('hex');
  const member = (name: string, seed: MpNode): Observable<MemberProcess> =>
    memberProcess(name, seed.addresses, secret).pipe(tap(({ pid, address }) => print(`${name}   pid ${pid}  ${address}`)));
  return seedNode(secret).pipe(
    tap(({ addresses }) => print(`seed  pid ${process.pid}  ${addresses.join(' ')}`)),
    switchMap((seed) => combineLatest([member('ada', seed), member('bob', seed), member('cid', seed)])),
    switchMap((members) => concat(show(members, print), of(0))),
    tap(() => print('right: yes')),
  );
}

const interrupted$ = merge(
  fromEvent(process, 'SIGINT').pipe(map(() => 130)),
  fromEvent(process, 'SIGTERM').pipe(map(() => 143)),
  // nobody reads the output any more
  fromEvent(process.stdout, 'error').pipe(map(() => 141)),
);

// the first result unsubscribes from all else: that ends the processes and closes the seed, and then nothing is left to
// keep this process alive
try {
  process.exitCode = await lastValueFrom(merge(interrupted$, defer(main)).pipe(take(1)));
} catch (error) {
  print('right: no');
  process.stderr.write(`todo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
