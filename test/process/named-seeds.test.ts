import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { claimPort } from '../fixtures/port.js';
import { ending, eventually, startChild, type Child } from './children.js';
import { createSteps } from './steps.js';

vi.setConfig({ hookTimeout: 60_000 });

const CHILD = fileURLToPath(new URL('named-seeds-child.mjs', import.meta.url));
const IPS = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
const [ONE, TWO, THREE, FOUR] = IPS;

/** S21, with processes and real sockets, as on Kubernetes: one name for all, which says what a file says. */
describe('S21: processes with one name for all', () => {
  const step = createSteps(60_000);
  const pods = new Map<string, Child>();
  let folder: string;
  let names: string;
  let port: number;

  const start = (ip: string): void => {
    pods.set(ip, startChild([CHILD, ip, String(port), names], { env: { RXMP_SECRET: 'of all these pods' } }));
  };
  const setName = (...ips: readonly string[]): Promise<void> => writeFile(names, JSON.stringify(ips));
  const untilSeen = async (at: readonly string[], ips: readonly string[]): Promise<void> => {
    for (const ip of at) {
      const last = (): string | undefined => pods.get(ip)?.stdout.trimEnd().split('\n').at(-1);
      await eventually(`${ip} to see ${ips.join(' ')}`, () => last() === `pods ${ips.join(' ')}`, 20_000);
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rxmp-names-'));
    names = join(folder, 'names.json');
    port = await claimPort();
  });

  afterAll(() => rm(folder, { recursive: true }));

  step('each finds itself at first, and is a network of its own', async () => {
    for (const ip of [ONE, TWO, THREE]) {
      await setName(ip);
      start(ip);
      await eventually(`${ip} to be ready`, () => pods.get(ip)?.stdout.startsWith(`pods ${ip}\n`));
    }
  });

  step('when the name has them all, they are one', async () => {
    await setName(ONE, TWO, THREE);
    await untilSeen([ONE, TWO, THREE], [ONE, TWO, THREE]);
  });

  step('one that is killed is replaced at another address', async () => {
    pods.get(TWO)?.kill('SIGKILL');
    await setName(ONE, THREE, FOUR);
    start(FOUR);
    await untilSeen([ONE, THREE, FOUR], [ONE, THREE, FOUR]);
  });

  step('scaled down to one, which goes on alone', async () => {
    await setName(ONE);
    for (const ip of [THREE, FOUR]) {
      const pod = pods.get(ip)!;
      pod.closeStdin();
      expect((await ending(pod)).code).toBe(0);
    }
    await untilSeen([ONE], [ONE]);
    pods.get(ONE)!.closeStdin();
    expect((await ending(pods.get(ONE)!)).code).toBe(0);
  });
});
