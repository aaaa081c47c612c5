import { concat, defer, forkJoin, ignoreElements, map, tap, timeout, type Observable } from 'rxjs';
import type { MemberProcess } from './processes.js';
import { describeDone, describeList, describePeople, describePresence } from './words.js';

/** How long a step may take, ms: far more than it needs. */
const PATIENCE = 15_000;

/** What a step is, who does what, and the lines that show at whom it has arrived. */
interface Step {
  readonly title: string;
  /** Without it: what else follows from the step before, and is timed from there. */
  does?(): void;
  readonly at: readonly MemberProcess[];
  readonly lines: readonly string[];
}

type Print = (text: string) => void;

/** At whom a step has arrived, and after how many ms. */
type Arrival = readonly [name: string, ms: number];

/**
 * Plays a scene for three members and prints what they see of it; completes if it was what they should see, errors with
 * what they did not see in time.
 */
export function show(members: readonly [MemberProcess, MemberProcess, MemberProcess], print: Print): Observable<never> {
  const [ada, bob, cid] = members;
  let begin = performance.now();
  const step = ({ title, does, at, lines }: Step): Observable<never> =>
    defer(() => {
      if (does !== undefined) begin = performance.now();
      does?.();
      return forkJoin(at.map((member) => arrival(member, lines, begin)));
    }).pipe(
      tap((arrivals) => {
        print(`${title.padEnd(32)} ${arrivals.map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`);
      }),
      ignoreElements(),
    );
  /** Somebody types a line, and all see what comes of it. */
  const types = (member: MemberProcess, line: string, ...lines: readonly string[]): Observable<never> =>
    step({ title: `${member.name}> ${line}`, does: () => member.type(line), at: members, lines });
  const rest = [ada, bob];

  return concat(
    step({ title: 'all see each other', at: members, lines: members.map(({ name }) => describePresence('add', name)) }),
    types(ada, 'add milk', '+ milk (ada)'),
    types(ada, 'add bread', '+ bread (ada)'),
    types(bob, 'add stamps', '+ stamps (bob)'),
    types(cid, 'add lamp', '+ lamp (cid)'),
    types(cid, 'add soap', '+ soap (cid)'),
    types(bob, 'take milk', '* milk is taken by bob'),
    types(cid, 'take bread', '* bread is taken by cid'),
    types(bob, 'done milk', describeDone('milk', 'bob'), '- milk (ada)'),
    step({
      title: `cid (pid ${cid.pid}) is killed`,
      does: () => cid.kill('SIGKILL'),
      at: rest,
      lines: [describePresence('del', 'cid'), '- lamp (cid)', '- soap (cid)'],
    }),
    step({ title: 'what cid had taken is free', at: rest, lines: ['* bread is free again'] }),
    ...rest.map((member) => answers(member, 'who', describePeople(['ada', 'bob']), print)),
    ...rest.map((member) =>
      answers(
        member,
        'list',
        describeList([
          { text: 'bread', owner: 'ada', by: null },
          { text: 'stamps', owner: 'bob', by: null },
        ]),
        print,
      ),
    ),
  );
}

/** Waits until a member has printed some lines: after how many ms the last of them. */
function arrival(member: MemberProcess, lines: readonly string[], begin: number): Observable<Arrival> {
  return forkJoin(lines.map((line) => inTime(member, line))).pipe(
    map((times): Arrival => [member.name, Math.max(0, ...times.map((at) => at - begin))]),
  );
}

/** Asks a member, and waits for the right answer. */
function answers(member: MemberProcess, question: string, answer: string, print: Print): Observable<never> {
  return defer(() => {
    member.type(question);
    return inTime(member, answer);
  }).pipe(
    tap(() => print(`${member.name}> ${question.padEnd(5)} ${answer}`)),
    ignoreElements(),
  );
}

function inTime(member: MemberProcess, line: string): Observable<number> {
  return member.printed(line).pipe(
    timeout({
      first: PATIENCE,
      with: () => {
        throw new Error(`${member.name} did not see "${line}" within ${PATIENCE} ms`);
      },
    }),
  );
}
