import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { readJoinFlags } from '../../../src/cli/join.js';
import { createProgram } from '../../../src/cli/program.js';
import { readRunWords } from '../../../src/cli/run-options.js';

const SEEDS = '10.0.0.1:4040';
const run = (environment: NodeJS.ProcessEnv, ...words: readonly string[]) => readRunWords(['binds', '127.0.0.1:0', ...words], { RXMP_SECRET: 's', ...environment });
const join = (environment: NodeJS.ProcessEnv, flags: Parameters<typeof readJoinFlags>[0] = {}) => readJoinFlags({ seeds: SEEDS, ...flags }, environment);

/** What is given on the command line wins over the environment, which may be another network's. */
describe('the environment', () => {
  it('RXMP_SECRET is the secret, unless one is given', () => {
    const environment = { RXMP_SECRET: 'of the environment' };
    expect(run(environment).secret).toBe('of the environment');
    expect(run(environment, 'secret', 'given').secret).toBe('given');
    expect(join(environment).secret).toBe('of the environment');
    expect(join(environment, { secret: 'given' }).secret).toBe('given');
    // none, as for a certificate alone
    expect(join(environment, { secret: '' }).secret).toBe('');
    expect(join({}).secret).toBeUndefined();
  });

  it('RXMP_METHODS are the methods, unless some are given', () => {
    const environment = { RXMP_METHODS: 'rxmp_sha3_512, tls_sha3_512' };
    expect(run(environment).methods).toEqual(['rxmp_sha3_512', 'tls_sha3_512']);
    expect(run(environment, 'methods', 'tls_anon').methods).toEqual(['tls_anon']);
    expect(join(environment).methods).toEqual(['rxmp_sha3_512', 'tls_sha3_512']);
    expect(join(environment, { methods: 'rxmp_sha3_512' }).methods).toEqual(['rxmp_sha3_512']);
    for (const without of [{}, { RXMP_METHODS: '' }]) expect([run(without).methods, join(without).methods]).toEqual([undefined, undefined]);
  });

  it('RXMP_SEEDS are the seeds of a command, unless some are given', () => {
    expect(readJoinFlags({}, { RXMP_SEEDS: 'a:1, hubs.example:2' }).seeds).toEqual(['a:1', 'hubs.example:2']);
    expect(join({ RXMP_SEEDS: 'a:1' }).seeds).toEqual([SEEDS]);
    expect(() => readJoinFlags({}, {})).toThrow('where is the network? Give --seeds <address>,... or set RXMP_SEEDS');
  });

  it.each([
    ['methods', () => run({}, 'methods', 'rxmp_sha3_512,md5')],
    ['--methods', () => join({}, { methods: 'rxmp_sha3_512,md5' })],
    ['RXMP_METHODS', () => join({ RXMP_METHODS: 'rxmp_sha3_512,md5' })],
    ['RXMP_METHODS', () => run({ RXMP_METHODS: 'rxmp_sha3_512,md5' })],
  ])('%s with a name that is none is an error that names all', (what, read) => {
    expect(read).toThrow(`${what} is "rxmp_sha3_512,md5": expected a comma list of rxmp_sha3_512, hmac_sha3_512, tls_sha3_512, tls_anon, cleartext`);
    expect(() => run({}, 'methods', ',')).toThrow('methods is ",": expected');
  });
});

describe('--methods', () => {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];

  it('is an option of every command that has --seeds, and its help says so', () => {
    const joining = all(createProgram()).filter(({ options }) => options.some(({ long }) => long === '--seeds'));
    expect(joining.length).toBeGreaterThan(7);
    for (const command of joining) expect(command.helpInformation(), command.name()).toMatch(/--methods <names>[^]*RXMP_METHODS/);
  });
});
