/** A chat client: `node dist/examples/chat/client.js --seed 127.0.0.1:4040 --nick ann`. */
import { createNode } from 'rxmp';
import { withTag } from 'rxmp/operators';
import {
  distinctUntilChanged,
  filter,
  first,
  fromEvent,
  last,
  map,
  merge,
  of,
  share,
  shareReplay,
  skip,
  startWith,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  withLatestFrom,
} from 'rxjs';
import { FORMS } from './forms.js';
import { addresses, command, run, secretOf } from './options.js';
import type { News } from './protocol.js';
import { createTerminal } from './terminal.js';
import { describe, readLine } from './words.js';

const program = command('chat-client', 'A chat client. Lines are said to all; in the chat: /who /me /msg /quit.');
addresses(program, '--seed <address>', 'a server of the network, as 127.0.0.1:4040', true);
program.requiredOption('--nick <nick>', 'how you want to be called');
program.addOption(program.createOption('--form <form>', 'how to join').choices(Object.keys(FORMS)).default('port'));
program.parse();

interface Options {
  readonly seed: readonly string[];
  readonly nick: string;
  readonly form: keyof typeof FORMS;
}

await run(program, async () => {
  const { seed, nick, form } = program.opts<Options>();
  const secret = secretOf(program);
  const terminal = createTerminal(`${nick}> `);
  const trouble = (_details: object, text: string): void => terminal.print(`! ${text}`);
  const log = { debug() {}, info() {}, warn: trouble, error: trouble };
  await using node = await createNode({ nodeid: 'chat-client/%u', seeds: seed, secret, log });
  const me = node.port<News>();

  /** What sends to the server, once it has let us in; undefined while there is none. */
  const seat$ = FORMS[form](node, me.id, nick).pipe(
    switchMap((send) => me.pipe(withTag('welcome'), take(1), map(() => send), startWith(undefined))),
    startWith(undefined),
    distinctUntilChanged(),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  const lost$ = seat$.pipe(
    skip(1),
    filter((send) => send === undefined),
    map(() => '* the server is gone: waiting…'),
  );
  const news$ = me.pipe(
    tap(([what, why]) => {
      if (what === 'refused') throw new Error(why);
    }),
    map(describe),
  );
  const typed$ = seat$.pipe(
    first((send) => send !== undefined),
    switchMap(() => terminal.lines$),
    map(readLine),
    takeWhile((command) => command?.[0] !== 'quit'),
    withLatestFrom(seat$),
    map(([command, send]) => {
      if (command === undefined) return undefined;
      if (command[0] === 'mistake') return `! ${command[1]}`;
      if (send === undefined) return '! not sent: there is no server';
      send(...command);
      return undefined;
    }),
    share(),
  );
  // the signals, a closed pipe, or the end of what is typed
  const end$ = merge(
    ...['SIGINT', 'SIGTERM'].map((signal) => fromEvent(process, signal)),
    fromEvent(process.stdout, 'error'),
    typed$.pipe(last(null, undefined)),
  );
  await merge(of('* looking for a server…'), news$, lost$, typed$)
    .pipe(takeUntil(end$))
    .forEach((line) => {
      if (line !== undefined) terminal.print(line);
    });
});
