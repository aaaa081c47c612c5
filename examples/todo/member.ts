/** One member: `node dist/examples/todo/member.js --name ada --bind 127.0.0.1:4040`, and others with `--seed 127.0.0.1:4040`. */
import { createNode } from 'rxmp';
import { current, messages, type ScopeEvent } from 'rxmp/federation';
import { filter, from, fromEvent, last, map, merge, mergeMap, share, startWith, takeUntil, takeWhile, withLatestFrom } from 'rxjs';
import { addresses, command, run, secretOf } from '../chat/options.js';
import { createTerminal } from '../chat/terminal.js';
import { DONE, isSound, ITEM, PRESENT, soundOnly, TODO, type Fact, type Item } from './facts.js';
import { ownItems } from './items.js';
import { describeDone, describeList, describePeople, describePresence, describeTurn, readLine, type Command } from './words.js';

const program = command('todo-member', 'A shared to-do list. There are: add, take, done, list, who and quit.');
program.requiredOption('--name <name>', 'how you are called');
program.option('--bind <address>', 'where to listen; port 0: the system chooses one', '127.0.0.1:0');
addresses(program, '--seed <address>', 'another member, or any node of the network', false);
program.parse();

interface Options {
  readonly name: string;
  readonly bind: string;
  readonly seed?: readonly string[];
}

await run(program, async () => {
  const { name, bind, seed = [] } = program.opts<Options>();
  const secret = secretOf(program);
  const terminal = createTerminal(`${name}> `);
  const trouble = (_details: object, text: string): void => terminal.print(`! ${text}`);
  const log = { debug() {}, info() {}, warn: trouble, error: trouble };
  await using node = await createNode({ nodeid: `${name}/%u`, binds: [bind], seeds: seed, secret, log });
  const scope = node.federate<Fact>(TODO);
  const own = ownItems(scope, name);

  const turns$ = scope.turns(ITEM).pipe(map((turn): readonly ScopeEvent<Item>[] => turn.filter(isSound)), share());
  const people$ = scope.observe(PRESENT).pipe(soundOnly(), share());
  const items$ = turns$.pipe(current(), startWith([]));
  const names$ = people$.pipe(current(), map((present) => present.map(({ who }) => who)), startWith([]));
  const news$ = merge(
    people$.pipe(mergeMap(({ kind, captures: { who } }) => (kind === 'msg' ? [] : [describePresence(kind, who)]))),
    scope.observe(DONE).pipe(soundOnly(), messages(), map(({ text, who }) => describeDone(text, who))),
    turns$.pipe(mergeMap(describeTurn)),
  );

  const perform = (typed: Command, items: readonly Item[], names: readonly string[]): string | undefined => {
    const [what, text = ''] = typed;
    if (what === 'mistake') return `! ${text}`;
    if (what === 'list') return describeList(items);
    if (what === 'who') return describePeople(names);
    if (what === 'add') own.add(text);
    else if (what !== 'quit') {
      if (!items.some((item) => item.text === text)) return `! ${text} is not on the list`;
      scope.send({ type: what, text, who: name });
    }
    return undefined;
  };
  const typed$ = terminal.lines$.pipe(
    map(readLine),
    filter((typed) => typed !== undefined),
    takeWhile(([what]) => what !== 'quit'),
    withLatestFrom(items$, names$),
    map(([typed, items, names]) => perform(typed, items, names)),
    share(),
  );
  // the signals, a closed pipe, or the end of what is typed
  const end$ = merge(
    ...['SIGINT', 'SIGTERM'].map((signal) => fromEvent(process, signal)),
    fromEvent(process.stdout, 'error'),
    typed$.pipe(last(null, undefined)),
  );
  // first what answers, then what others see
  await merge(
    from(node.addresses).pipe(map((address) => `* listening on ${address}`)),
    own.kept$,
    news$,
    scope.asserting({ type: 'present', who: name }),
    typed$,
  )
    .pipe(takeUntil(end$))
    .forEach((line) => {
      if (line !== undefined) terminal.print(line);
    });
});
