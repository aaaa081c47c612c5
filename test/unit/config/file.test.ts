import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addOne, set } from '../../../src/config/core/edit.js';
import { changeConfig } from '../../../src/config/change.js';
import { configFile, readConfig } from '../../../src/config/file.js';
import { defaultProfile, withProfile } from '../../../src/config/profile.js';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rxmp-config-'));
  file = join(folder, 'new', 'config.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('L1: where the file is', () => {
  it.each<[NodeJS.ProcessEnv, RegExp | undefined]>([
    [{ RXMP_RC: '/x/rc', XDG_CONFIG_HOME: '/y' }, /^\/x\/rc$/],
    [{ XDG_CONFIG_HOME: '/y' }, /^\/y\/rxmp\/config\.json$/],
    [{ XDG_CONFIG_HOME: '' }, /\/\.config\/rxmp\/config\.json$/],
    [{}, /\/\.config\/rxmp\/config\.json$/],
    [{ RXMP_RC: '' }, undefined],
  ])('%j', (environment, expected) => {
    if (expected === undefined) expect(configFile(environment)).toBeUndefined();
    else expect(configFile(environment)).toMatch(expected);
  });
});

describe('L1: changes of the file', () => {
  it('make it, for its owner only', async () => {
    await changeConfig(file, (rc) => set(rc, undefined, 'secret', 'hush'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700);
    expect((await readConfig(file)).settings.get('secret')).toBe('hush');
  });

  it('of many writers at once lose nothing', { timeout: 60_000 }, async () => {
    const names = Array.from({ length: 200 }, (_, i) => `host${i}:1`);
    await Promise.all(names.map((name) => changeConfig(file, (rc) => addOne(rc, undefined, 'seeds', name))));
    expect([...((await readConfig(file)).settings.get('seeds') as string[])].sort()).toEqual(names.sort());
  });

  it('are refused where the file was cut in half, which stays as it is', async () => {
    file = join(folder, 'config.json');
    await writeFile(file, '{"secret": "hu');
    await expect(changeConfig(file, (rc) => set(rc, undefined, 'secret', 'x'))).rejects.toThrow('is not JSON');
    expect(await readFile(file, 'utf8')).toBe('{"secret": "hu');
  });

  it('that fail leave nothing behind, and let others in', async () => {
    await changeConfig(file, (rc) => set(rc, undefined, 'secret', 'a'));
    await expect(changeConfig(file, () => { throw new Error('no'); })).rejects.toThrow('no');
    await changeConfig(file, (rc) => set(rc, undefined, 'secret', 'b'));
    expect((await readConfig(file)).settings.get('secret')).toBe('b');
  });
});

describe('L1: precedence between the file and the program', () => {
  const content = { secret: 'file', profile: { hub: { seeds: ['file:1'], cert: 'PEM' }, [defaultProfile()]: { nodeid: 'of this host' } } };
  const own = { seeds: ['own:1'], nodeid: 'own', tls: { cert: 'own PEM', key: 'k' } };
  const given = (options: object): Promise<object> => withProfile(options, { RXMP_RC: file }, () => undefined);

  it.each<[string, object, object]>([
    ['the file wins', { profile: 'hub', ...own }, { profile: 'hub', nodeid: 'own', seeds: ['file:1'], secret: 'file', cert: 'PEM', tls: undefined }],
    ['force: the program wins', { profile: 'hub', force: true, ...own }, { profile: 'hub', force: true, ...own, secret: 'file' }],
    ['force: what the program leaves out is the file\'s', { profile: 'hub', force: true, secret: undefined }, { profile: 'hub', force: true, seeds: ['file:1'], secret: 'file', cert: 'PEM', tls: undefined }],
    ['norc: nobody asks the file', { profile: 'hub', norc: true, ...own }, { profile: 'hub', norc: true, ...own }],
    ['without a profile it is that of the host', {}, { secret: 'file', nodeid: 'of this host' }],
    ['a profile that there is none of has the global settings', { profile: 'x', ...own }, { profile: 'x', ...own, secret: 'file' }],
  ])('%s', async (_what, options, expected) => {
    file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify(content));
    expect(await given(options)).toEqual(expected);
  });

  it('without a file the options are the same', async () => {
    expect(await given(own)).toBe(own);
    expect(await withProfile<object>(own, { RXMP_RC: '' }, () => undefined)).toBe(own);
  });
});
