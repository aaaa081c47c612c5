import { setTimeout as wait } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonOf } from '../../src/cli/print.js';
import { dist, ending, eventually, rxmp, startChild, type Child } from './children.js';
import { becomes, done, envOf, startCommandNetwork, startListener } from './command-network.js';

const { other, member, guest, visit, start, pipeline } = await startCommandNetwork();

/** `rxmp db set`, once it holds its key. */
async function hold(...args: readonly string[]): Promise<Child> {
  const child = start('db', 'set', ...args);
  await eventually('a held key', () => child.stderr.includes('rxmp: holds '));
  return child;
}

/** Sets keys from this process and waits until the network has them. */
async function setAll(family: string, entries: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, value] of Object.entries(entries)) member.dbSet(family, key, value);
  await firstValueFrom(member.dbKeys(family));
}

const contentOf = async (family: string): Promise<object> => Object.fromEntries(await firstValueFrom(member.dbFamily(family)));

describe('rxmp db keys, values and family', () => {
  const entries = Object.fromEntries([
    ['plain', 1],
    ['with space', ['a', null]],
    ['line\nbreak', 'x\ny'],
    ['"quoted"', { deep: { er: true } }],
    ['__proto__', 'kept'],
    ['7', false],
  ]);
  beforeAll(() => setAll('odd', entries));

  it('prints a line for each, sorted by key, whatever a key holds', async () => {
    const [keys, values, family] = await Promise.all(['keys', 'values', 'family'].map((command) => visit('db', command, 'odd')));
    expect(keys).toEqual(done('"\\"quoted\\""\n7\n__proto__\n"line\\nbreak"\nplain\nwith space\n'));
    expect(values!.stdout.trimEnd().split('\n').sort()).toEqual(
      ['1', '["a",null]', '"x\\ny"', '{"deep":{"er":true}}', '"kept"', 'false'].sort(),
    );
    expect(family).toEqual(
      done(
        ['"\\"quoted\\""\t{"deep":{"er":true}}', '7\tfalse', '__proto__\t"kept"', '"line\\nbreak"\t"x\\ny"', 'plain\t1', 'with space\t["a",null]', ''].join('\n'),
      ),
    );
  });

  it('prints one JSON value with --json', async () => {
    const [keys, values, family] = await Promise.all(
      ['keys', 'values', 'family'].map(async (command) => JSON.parse((await visit('db', command, 'odd', '--json')).stdout) as unknown),
    );
    expect(keys).toEqual(Object.keys(entries).sort());
    expect(new Set(values as unknown[])).toEqual(new Set(Object.values(entries)));
    // compared as entries: an object's own __proto__ is easily taken for something else
    expect(new Map(Object.entries(family as object))).toEqual(new Map(Object.entries(entries)));
  });

  it('prints nothing for an empty family, or an empty value', async () => {
    const [keys, family, jsonKeys, jsonFamily] = await Promise.all([
      visit('db', 'keys', 'empty'),
      visit('db', 'family', 'empty'),
      visit('db', 'keys', 'empty', '--json'),
      visit('db', 'family', 'empty', '--json'),
    ]);
    expect([keys, family, jsonKeys, jsonFamily]).toEqual(['', '', '[]\n', '{}\n'].map((text) => done(text)));
  });

  it("reads the network's own families", async () => {
    expect((await visit('db', 'keys', "'g")).stdout.split('\n')).toContain('hub');
  });

  it('ends quietly when nobody reads on', async () => {
    await setAll('many', Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key ${String(i).padStart(5, '0')}`, i])));
    const { stdout, stderr } = await pipeline('db keys many', 'head -1').ended;
    expect({ stdout, stderr }).toEqual({ stdout: 'key 00000\n', stderr: 'code 0\n' });
  });

  it('writes what JSON cannot hold', () => {
    expect(jsonOf({ octets: [new Uint8Array([1, 2, 3]), Buffer.from('hi')], big: 2n ** 60n, at: new Date(0) })).toBe(
      '{"octets":["AQID","aGk="],"big":"1152921504606846976","at":"1970-01-01T00:00:00.000Z"}',
    );
  });
});

describe('rxmp db set', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('holds its key until %s', async (signal) => {
    const family = `held:${signal}`;
    const child = await hold(family, 'k', 'v');
    expect(await contentOf(family)).toEqual({ k: 'v' });
    child.kill(signal);
    expect(await ending(child)).toEqual(done('', `rxmp: holds "k" of ${family}\n`));
    await becomes(async () => Object.keys(await contentOf(family)).length === 0);
  });

  it('reads values as snd does', async () => {
    const cases: [text: string[], value: unknown][] = [
      [[], null],
      [['5'], '5'],
      [['{"a":[1]}'], { a: [1] }],
      [['5', '--json'], 5],
    ];
    const children = await Promise.all(cases.map(([text], i) => hold('words', String(i), ...text)));
    expect(await contentOf('words')).toEqual(Object.fromEntries(cases.map(([, value], i) => [String(i), value])));
    for (const child of children) child.kill('SIGTERM');
  });

  it('ends by itself with --for', async () => {
    const started = performance.now();
    expect(await visit('db', 'set', 'brief', 'k', '--for', '300ms')).toEqual(done('', 'rxmp: holds "k" of brief\n'));
    expect(performance.now() - started).toBeGreaterThan(300);
    expect(await contentOf('brief')).toEqual({});
  });

  it('says when the value of another node shows', async () => {
    await setAll('contested', { k: 'mine' });
    const { stderr } = await visit('db', 'set', 'contested', 'k', 'yours', '--for', '1ms');
    expect(stderr).toBe('rxmp: holds "k" of contested; another node has set it too, and its value shows\n');
  });
});

describe('rxmp db del', () => {
  it('deletes what rxmp db set holds, all of it and nothing else, and ends that', async () => {
    const [first, second, stays] = await Promise.all([hold('pair', 'k', '1'), hold('pair', 'k', '2'), hold('pair', 'l')]);
    expect(await visit('db', 'del', 'pair', 'k')).toEqual(done(''));
    expect(await contentOf('pair')).toEqual({ l: null });
    for (const child of [first, second]) expect(await ending(child)).toMatchObject({ code: 0, stdout: '' });
    expect(await visit('db', 'del', 'pair', 'l', 'k')).toEqual(done('', 'rxmp: pair has no "k"\n'));
    expect((await ending(stays)).code).toBe(0);
  });

  it('finds holders of other global nodes', async () => {
    const child = await hold('far', 'k');
    await becomes(async () => (await firstValueFrom(guest.dbKeys('far'))).includes('k'));
    expect(await rxmp(['db', 'del', 'far', 'k'], { env: envOf(other) })).toEqual(done(''));
    expect((await ending(child)).code).toBe(0);
    expect(await firstValueFrom(guest.dbKeys('far'))).toEqual([]);
  });

  it('names keys that it cannot delete, and deletes the others', async () => {
    await setAll('mixed', { theirs: 1 });
    const child = await hold('mixed', 'held');
    const { code, stdout, stderr } = await visit('db', 'del', 'mixed', 'theirs', 'held');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^rxmp: "theirs" of mixed: .*only a node itself can delete.*\n$/);
    expect((await ending(child)).code).toBe(0);
    expect(await contentOf('mixed')).toEqual({ theirs: 1 });
  });

  it('ends with 3 when a holder does not let go in time', async () => {
    const child = await hold('frozen', 'k');
    child.kill('SIGSTOP');
    const { code, stderr } = await visit('db', 'del', 'frozen', 'k', '--timeout', '3');
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^rxmp: \S+ did not let go within 3000 ms\n$/) });
    child.kill('SIGCONT');
  });
});

describe('rxmp db mon', () => {
  const linesOf = (child: Child): unknown[] => child.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown);

  it('prints all that is there, then each change as it happens, until it is stopped', async () => {
    await setAll('watched', { a: 1, b: { c: 2 } });
    const child = start('db', 'mon', 'watched');
    const line = (count: number) => eventually(`line ${count}`, () => linesOf(child).length >= count && linesOf(child)[count - 1]);
    expect(await line(1)).toEqual({ add: { a: 1, b: { c: 2 } }, chg: {}, del: [] });
    member.dbSet('watched', 'new', 'x');
    expect(await line(2)).toEqual({ add: { new: 'x' }, chg: {}, del: [] });
    member.dbSet('watched', 'a', [null]);
    expect(await line(3)).toEqual({ add: {}, chg: { a: [null] }, del: [] });
    member.dbDel('watched', 'b');
    expect(await line(4)).toEqual({ add: {}, chg: {}, del: ['b'] });
    child.kill('SIGINT');
    expect(await ending(child)).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(child)).toHaveLength(4);
  });

  it('prints an empty family as a line too, and ends after --count lines', async () => {
    expect(await visit('db', 'mon', 'nothing', '--count', '1')).toEqual(done('{"add":{},"chg":{},"del":[]}\n'));
  });

  it('watches longer than its time-out, which is for the first line', async () => {
    const child = start('db', 'mon', 'slow', '--timeout', '2', '--count', '2');
    await eventually('the first line', () => linesOf(child).length === 1);
    await wait(2_200);
    member.dbSet('slow', 'k');
    expect(await ending(child)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n\{"add":\{"k":null\},"chg":\{\},"del":\[\]\}\n$/) });
  });

  it('V12: says when no master is connected any more, and goes on with what was last known', async () => {
    const lonely = await startListener('lonely', '127.0.0.1:0');
    const child = startChild([dist('bundle/cli.js'), 'db', 'mon', "'g", '--count', '2'], { env: envOf(lonely) });
    await eventually('the first line', () => linesOf(child).length === 1);
    lonely.kill('SIGKILL');
    expect(await ending(child)).toMatchObject({
      ...{ code: 0, stderr: '' },
      stdout: '{"add":{"lonely":null},"chg":{},"del":[]}\n{"add":{},"chg":{},"del":[],"current":false}\n',
    });
  });

  it('ends quietly at the first line that nobody reads', async () => {
    const shell = pipeline('db mon piped', 'head -1');
    await eventually('the first line', () => shell.stdout().includes('\n'));
    let over = false;
    void shell.ended.then(() => (over = true));
    for (let i = 0; !over; i++) {
      member.dbSet('piped', 'k', i);
      await wait(50);
    }
    const { stdout, stderr } = await shell.ended;
    expect({ stdout, stderr }).toEqual({ stdout: '{"add":{},"chg":{},"del":[]}\n', stderr: 'code 0\n' });
  });
});
