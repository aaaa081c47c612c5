import { createNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { join } from '../../../src/cli/join.js';
import { readRunWords } from '../../../src/cli/run-options.js';

describe('a secret that is given comes before RXMP_SECRET', () => {
  afterEach(() => { vi.unstubAllEnvs(); });

  it.each([
    [['secret', 'given'], { RXMP_SECRET: 'environment' }, 'given'],
    [['secret', 'given'], {}, 'given'],
    [[], { RXMP_SECRET: 'environment' }, 'environment'],
    [['binds', ''], {}, undefined],
  ])('rxmp run %j with %j: %s', (words, environment, secret) => {
    expect(readRunWords(words, environment).secret).toBe(secret);
  });

  it.each([
    ['given', 'of the environment'],
    [undefined, 'given'],
  ])('commands that join, with --secret %s and RXMP_SECRET=%s', async (secret, environment) => {
    await using node = await createNode({ nodeid: 'n', binds: ['127.0.0.1:0'], secret: 'given', log: silentLog });
    vi.stubEnv('RXMP_SECRET', environment);
    let met = '';
    await join({ seeds: node.addresses.join(','), timeout: '5', log: 'silent', ...(secret === undefined ? {} : { secret }) }, async (guest) => {
      const up$ = guest.node.monNodes().pipe(filter(({ up }) => up), guest.inTime('nobody came'));
      met = (await firstValueFrom(up$)).node;
    });
    expect(met).toBe('n');
  });
});
