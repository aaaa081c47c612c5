import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createScope, current, type ScopeEvent } from 'rxmp/federation';
import { isSound, ITEM, type Fact, type Item } from '../../examples/todo/facts.js';
import { ownItems } from '../../examples/todo/items.js';
import { describeList, describeTurn, LONGEST, readLine } from '../../examples/todo/words.js';
import { dist, ending, eventually, isAlive, startChild, type Child } from './children.js';

const MAIN = dist('examples/todo/main.js');
/** A process starts, and finds its seed: on a busy machine that takes its time. */
const PATIENCE = 30_000;
/** A killed process is noticed by its closed connections, long before `monitorTimeout` (30 s) could tell, ms. */
const AT_ONCE = 5_000;

/** The processes of the members, once all three run. */
function pids(child: Child): number[] | undefined {
  const found = [...child.stdout.matchAll(/^(?:ada|bob|cid)   pid (\d+) /gm)].map(([, pid]) => Number(pid));
  return found.length === 3 ? found : undefined;
}

describe('the to-do list', () => {
  it('plays by itself: what a killed process had asserted is gone at all others at once', async () => {
    const child = startChild([MAIN]);
    const { code, stdout, stderr } = await ending(child, PATIENCE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^seed  pid \d+  127\.0\.0\.1:\d+\n/);
    const [, ...times] = /^cid \(pid \d+\) is killed +ada ([\d.]+) ms, bob ([\d.]+) ms$/m.exec(stdout) ?? [];
    expect(times).toHaveLength(2);
    for (const ms of times.map(Number)) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(AT_ONCE);
    }
    expect(stdout).toMatch(/^what cid had taken is free +ada [\d.]+ ms, bob [\d.]+ ms$/m);
    for (const name of ['ada', 'bob']) {
      expect(stdout).toContain(`\n${name}> who   here: ada, bob\n`);
      expect(stdout).toContain(`\n${name}> list  to do: bread (ada), stamps (bob)\n`);
    }
    expect(stdout).toMatch(/\nright: yes\n$/);
    expect(pids(child)?.filter(isAlive)).toEqual([]);
  }, 2 * PATIENCE);

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends in the middle at %s with %i, with all its processes', async (signal, expected) => {
    const child = startChild([MAIN]);
    const processes = await eventually('the members', () => pids(child), PATIENCE);
    child.kill(signal);
    const { code, stdout } = await ending(child, PATIENCE);
    expect(code).toBe(expected);
    expect(stdout).not.toContain('right');
    expect(processes.filter(isAlive)).toEqual([]);
  }, 2 * PATIENCE);

  it('takes its processes along when it is killed itself', async () => {
    const child = startChild([MAIN]);
    const processes = await eventually('the members', () => pids(child), PATIENCE);
    child.kill('SIGKILL');
    await child.ended;
    await eventually('the end of the members', () => !processes.some(isAlive));
  }, 2 * PATIENCE);
});

/** A member that a test types at. */
interface Member {
  readonly address: string;
  readonly lines: readonly string[];
  type(line: string): void;
  kill(signal: NodeJS.Signals): void;
  /** Waits until a line was printed so many times. */
  sees(line: string, times?: number): Promise<unknown>;
  /** How it has ended. */
  end(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

const members: Member[] = [];

async function start(name: string, ...seeds: readonly Member[]): Promise<Member> {
  const seed = seeds.length === 0 ? [] : ['--seed', seeds.map(({ address }) => address).join(',')];
  const env = { ...process.env, RXMP_SECRET: 'of these tests' };
  const child = spawn(process.execPath, [dist('examples/todo/member.js'), '--name', name, ...seed], { env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const lines = (): string[] => stdout.split('\n').slice(0, -1);
  const member = {
    address: '',
    get lines() {
      return lines();
    },
    type: (line: string) => void child.stdin.write(`${line}\n`),
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    sees: (line: string, times = 1) =>
      eventually(`"${line}" at ${name}`, () => lines().filter((seen) => seen === line).length >= times, PATIENCE).catch((error: unknown) => {
        throw new Error(`${String(error)}, saw:\n${stdout}${stderr}`);
      }),
    end: async () => ({ code: await closed, stderr }),
  };
  members.push(member);
  member.address = await eventually(`the address of ${name}`, () => /^\* listening on (\S+)$/m.exec(stdout)?.[1], PATIENCE);
  return member;
}

afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => {
    member.kill('SIGKILL');
    return member.end();
  }));
});

describe('members by hand', () => {
  it('share what they assert, once however often, and say what is wrong', async () => {
    const ada = await start('ada');
    const bob = await start('bob', ada);
    const twin = await start('bob', ada);
    ada.type('add a \x1b[31mlamp');
    bob.type('add milk');
    twin.type('add milk');
    await ada.sees('+ milk (bob)');
    await twin.sees('+ a \u{fffd}[31mlamp (ada)');
    // what one says arrives in order: ada knows of the twin's milk, too, when this comes
    twin.type('take a \x1b[31mlamp');
    await ada.sees('* a \u{fffd}[31mlamp is taken by bob');
    ada.type('take tea');
    await ada.sees('! tea is not on the list');
    ada.type('paint it');
    await ada.sees('! there are: add <text>  take <text>  done <text>  list  who  quit');
    ada.type('who');
    await ada.sees('here: ada, bob');
    await bob.sees('+ a \u{fffd}[31mlamp (ada)');

    bob.type('quit');
    expect(await bob.end()).toEqual({ code: 0, stderr: '' });
    twin.type('add tea');
    await ada.sees('+ tea (bob)');
    ada.type('list');
    await ada.sees('to do: a \u{fffd}[31mlamp (ada, taken by bob), milk (bob), tea (bob)');
    expect(ada.lines.filter((line) => line.startsWith('- ') || line === '* bob is gone')).toEqual([]);
    twin.kill('SIGKILL');
    for (const line of ['* bob is gone', '- milk (bob)', '- tea (bob)', '* a \u{fffd}[31mlamp is free again']) await ada.sees(line);
  }, 4 * PATIENCE);

  it('go on without the one over whom they are linked', async () => {
    const ada = await start('ada');
    const bob = await start('bob', ada);
    const cid = await start('cid', ada, bob);
    ada.type('add milk');
    bob.type('add stamps');
    for (const member of [bob, cid]) for (const line of ['+ milk (ada)', '+ stamps (bob)', '* cid is here']) await member.sees(line);
    ada.kill('SIGKILL');
    for (const member of [bob, cid]) for (const line of ['* ada is gone', '- milk (ada)']) await member.sees(line);
    await eventually('bob and cid to see each other', () => {
      for (const member of [bob, cid]) member.type('who');
      return [bob, cid].every(({ lines }) => lines.includes('here: bob, cid'));
    }, PATIENCE);
    cid.type('take stamps');
    // it is bob's item: he knows first
    for (const member of [bob, cid]) await member.sees('* stamps is taken by cid');
    cid.type('list');
    await cid.sees('to do: stamps (bob, taken by cid)');
  }, 4 * PATIENCE);
});

describe('the items of a member', () => {
  /** A scope with ada's items, and all that are to be seen. */
  function adas() {
    const scope = createScope<Fact>('todo');
    const own = ownItems(scope, 'ada');
    own.kept$.subscribe();
    let items: readonly Item[] = [];
    const lines: string[] = [];
    scope.turns(ITEM).subscribe((turn) => lines.push(...describeTurn(turn)));
    scope.turns(ITEM).pipe(current()).subscribe((now) => (items = now));
    return { scope, own, lines, list: () => describeList(items) };
  }

  it('belong to who took them first, until he is gone', () => {
    const { scope, own, lines, list } = adas();
    const cid = scope.assert({ type: 'present', who: 'cid' });
    own.add('milk');
    own.add('milk');
    scope.send({ type: 'take', text: 'milk', who: 'cid' });
    scope.send({ type: 'take', text: 'milk', who: 'bob' });
    expect(list()).toBe('to do: milk (ada, taken by cid)');
    cid.unsubscribe();
    expect(list()).toBe('to do: milk (ada)');
    expect(lines).toEqual(['+ milk (ada)', '* milk is taken by cid', '* milk is free again']);
  });

  it('are gone when they are done, and may come again', () => {
    const { scope, own, lines, list } = adas();
    own.add('milk');
    scope.send({ type: 'done', text: 'milk', who: 'bob' });
    scope.send({ type: 'done', text: 'milk', who: 'bob' });
    expect(list()).toBe('to do: nothing');
    own.add('milk');
    expect(lines).toEqual(['+ milk (ada)', '- milk (ada)', '+ milk (ada)']);
  });

  it('stay as they are when a message makes no sense', () => {
    const { scope, own, list } = adas();
    own.add('milk');
    scope.send({ type: 'take', text: 'milk', who: { name: 'cid' } } as never);
    scope.send({ type: 'take', text: 'tea', who: 'cid' });
    expect(list()).toBe('to do: milk (ada)');
  });
});

describe('the words of the list', () => {
  it.each([
    ['add  two eggs ', ['add', 'two eggs']],
    [' take milk', ['take', 'milk']],
    ['done milk', ['done', 'milk']],
    ['list', ['list']],
    ['who', ['who']],
    ['quit', ['quit']],
    ['  ', undefined],
    ['add', ['mistake', expect.any(String)]],
    ['quit now', ['mistake', expect.any(String)]],
    ['toString', ['mistake', expect.any(String)]],
    [`add ${'a'.repeat(LONGEST)}`, ['add', 'a'.repeat(LONGEST)]],
    [`add ${'a'.repeat(LONGEST + 1)}`, ['mistake', expect.stringContaining(`${LONGEST}`)]],
  ])('%j', (line, command) => {
    expect(readLine(line)).toEqual(command);
  });

  it('take only what is text from others', () => {
    const event = (captures: object): ScopeEvent<object> => ({ kind: 'add', captures });
    expect([{ text: 'milk', owner: 'ada', by: null }, { who: 'ada' }].filter((captures) => !isSound(event(captures)))).toEqual([]);
    expect([{ text: null, owner: 'ada', by: null }, { who: 1 }, { who: {} }].filter((captures) => isSound(event(captures)))).toEqual([]);
  });
});
