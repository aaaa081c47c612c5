import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rxmp, startNode, type Ended } from './children.js';

let folder = '';
let env: Record<string, string> = {};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rxmp-rc-'));
  env = { RXMP_RC: join(folder, 'rc.json') };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const content = async (): Promise<unknown> => JSON.parse(await readFile(env['RXMP_RC']!, 'utf8'));
const run = (...args: readonly string[]): Promise<Ended> => rxmp(args, { env });
const done = { code: 0, stdout: '', stderr: '' };

describe('L2: the words of aemp', () => {
  it('change the file, in chains, of profiles and of all', async () => {
    expect(await run('setsecret', 'hush', 'monitor_timeout', '10', 'profile', 'hub', 'setbinds', '127.0.0.1:0', 'addseed', 'a:1', 'addseed', 'b:1', 'delseed', 'a:1', 'parent', 'base', 'profile', 'base', 'setnodeid', 'base/')).toMatchObject(done);
    const expected = { secret: 'hush', monitor_timeout: 10, profile: { hub: { binds: ['127.0.0.1:0'], seeds: ['b:1'], parent: 'base' }, base: { nodeid: 'base/' } } };
    expect(await content()).toEqual(expected);
    // the same as one JSON list; values that are JSON
    await rm(env['RXMP_RC']!);
    expect(await run(JSON.stringify(['setsecret', 'hush', 'monitor_timeout', 10, 'profile', 'hub', 'setbinds', ['127.0.0.1:0'], 'setseeds', '["b:1"]', 'parent', 'base', 'profile', 'base', 'setnodeid', 'base/']))).toMatchObject(done);
    expect(await content()).toEqual(expected);
    expect(await run('delprofile', 'base', 'profile', 'hub', 'delparent', 'delseeds')).toMatchObject(done);
    expect(await content()).toEqual({ secret: 'hush', monitor_timeout: 10, profile: { hub: { binds: ['127.0.0.1:0'] } } });
  });

  it('show what a node would use, with where it comes from, and no secrets', async () => {
    await run('gensecret', 'profile', 'hub', 'setbinds', '*', 'setparent', 'base', 'profile', 'base', 'setseeds', 'a:1,b:1');
    const shown = await run('profile', 'hub', 'showconfig');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual(['binds ["*"] (profile hub)', 'seeds ["a:1","b:1"] (profile base)', 'secret *** (global setting)', '']);
    const all = await run('config', '--json', '--show-secrets', 'profile', 'hub', 'showconfig');
    expect(JSON.parse(all.stdout)).toMatchObject({ secret: { value: expect.stringMatching(/^[\w-]{43}$/), from: 'global setting' }, seeds: { value: ['a:1', 'b:1'], from: 'profile base' } });
    expect((await run('showprofile', 'base')).stdout).toMatch(/^seeds +\["a:1","b:1"\] +\(profile base\)\n$/);
  });

  it.each<[string, readonly string[]]>([
    ['unknown word "setsed"', ['config', 'setsed', 'a']],
    ['unknown word "addseeds": perhaps setseeds', ['setsecret', 'x', 'addseeds', 'a']],
    ['setsecret needs a value for secret', ['setsecret']],
    ['monitor_timeout is "soon": expected seconds, more than 0', ['monitor_timeout', 'soon']],
    ['global is "perhaps": expected true or false', ['setsecret', 'x', 'global', 'perhaps']],
    ['there is no profile x: expected none', ['showprofile', 'x']],
  ])('say what is wrong, and change nothing: %s', async (message, args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^rxmp: .*\n$/);
    expect(stderr).toContain(message);
    await expect(content()).rejects.toThrow('ENOENT');
  });

  it('refuse a file that was cut in half, and leave it as it is', async () => {
    await writeFile(env['RXMP_RC']!, '{"secret": "hu');
    for (const args of [['setsecret', 'x'], ['showconfig'], ['run', 'nodeid', 'x']]) {
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^rxmp: .*rc\.json is not JSON .*mend it, or move it away and begin anew; nothing was changed\n$/);
    }
    expect(await readFile(env['RXMP_RC']!, 'utf8')).toBe('{"secret": "hu');
  });

  it('of processes at the same time lose nothing', { timeout: 60_000 }, async () => {
    const names = Array.from({ length: 12 }, (_, i) => `host${i}:1`);
    for (const { code, stderr } of await Promise.all(names.map((name) => rxmp(['addseed', name], { env, timeout: 50_000 })))) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(((await content()) as { seeds: string[] }).seeds.sort()).toEqual(names.sort());
  });
});

describe('L1: nodes take their profiles', () => {
  it('rxmp run, and commands that join a network by its name', async () => {
    await run('setsecret', 'hush', 'profile', 'hub', 'setbinds', '127.0.0.1:0', 'setnodeid', 'hub/one');
    const hub = await startNode(['hub', 'nodeid', 'the program has less to say'], { env });
    expect(hub.id).toBe('hub/one');
    await run('profile', 'prod', 'setseeds', hub.addresses[0]!);
    const nodes = await run('--context', 'prod', 'nodes');
    expect(nodes).toMatchObject({ code: 0, stderr: '' });
    expect(nodes.stdout).toContain('hub/one');
    const forced = await startNode(['hub', 'nodeid', 'forced', 'force', 'true'], { env });
    expect(forced.id).toBe('forced');
    const alone = await startNode(['hub', 'norc', '1', 'nodeid', 'alone', 'secret', 'x', 'binds', '127.0.0.1:0'], { env });
    expect(alone.id).toBe('alone');
  });
});
