/** A chat server, for clients of both forms: `node dist/examples/chat/server.js --bind 127.0.0.1:4040`. */
import { createNode, describeReason, type MpNode, type Port, type Reason } from 'rxmp';
import {
  catchError,
  EMPTY,
  filter,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  mergeMap,
  of,
  race,
  scan,
  startWith,
  Subject,
  tap,
  type Observable,
} from 'rxjs';
import { addresses, command, run, secretOf } from './options.js';
import { isClientRequest, JOIN, NODES, SERVERS, type Client, type ClientRequest, type Request } from './protocol.js';
import { emptyRoom, step, type RoomEvent } from './room.js';
import { describe } from './words.js';

/** First form: one port for all, in a family where clients find it. A request says whose it is by the client's port. */
function byPort(node: MpNode): Observable<RoomEvent> {
  const desk = node.port<ClientRequest>();
  node.dbReg(SERVERS, desk, Date.now());
  return desk.pipe(
    // it is everybody's port: what makes no sense must not end it
    filter(isClientRequest),
    mergeMap((request) => {
      if (request[0] !== 'join') return of(request);
      const client = request[1];
      return node.mon(client).pipe(map((reason) => gone(client, reason)), startWith(request));
    }),
  );
}

/** Second form: this node in a family. Each client spawns a port here that knows whose requests it gets. */
function bySpawn(node: MpNode): Observable<RoomEvent> {
  const events$ = new Subject<RoomEvent>();
  node.register(JOIN, (self: Port<Request>, client: Client, nick: string) => {
    const joining = ['join', client, nick] as const;
    if (!isClientRequest(joining)) throw new TypeError(`${JOIN} takes a port and a nick`);
    const requests$ = self.pipe(
      map(([tag, ...args]) => [tag, client, ...args]),
      filter(isClientRequest),
      // why a connection has ended, its monitor tells
      catchError(() => EMPTY),
    );
    // whichever end goes first takes the other along
    const end$ = race(node.mon(client), node.mon(self)).pipe(
      tap(() => node.kil(self)),
      map((reason) => gone(client, reason)),
    );
    merge(requests$, end$)
      .pipe(startWith(joining))
      .subscribe((event) => events$.next(event));
  });
  node.dbSet(NODES, node.id, Date.now());
  return events$;
}

function gone(client: Client, reason: Reason): RoomEvent {
  const why = reason[0] === 'transport_error' ? 'connection lost' : describeReason(reason);
  return ['gone', client, reason.length === 0 ? '' : why];
}

const print = (line: string | undefined): void => void process.stdout.write(`${line}\n`);

const program = command('chat-server', 'A chat server, for clients of both forms.');
addresses(program, '--bind <address>', 'where to listen, as 127.0.0.1:4040; port 0: the system chooses one', true);
addresses(program, '--seed <address>', 'another server of the same network', false);
program.parse();

await run(program, async () => {
  const { bind, seed = [] } = program.opts<{ bind: readonly string[]; seed?: readonly string[] }>();
  // a global node: it keeps the database for its clients
  const options = { nodeid: 'chat-server/%u', binds: bind, seeds: seed, secret: secretOf(program), global: true };
  await using node = await createNode(options);
  merge(byPort(node), bySpawn(node))
    .pipe(
      scan(step, emptyRoom),
      mergeMap(({ posts }) => posts),
    )
    .subscribe(([news, to]) => {
      if (news[0] === 'joined' || news[0] === 'left') print(describe(news));
      for (const client of to) node.snd(client, ...news);
    });
  print(`listening on ${node.addresses.join(', ')}`);
  await firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')));
});
