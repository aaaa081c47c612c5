import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startProxy, type Proxy } from './chaos-proxy.js';
import { endChildren, ending, eventually, startChild, type Child } from './children.js';

const CHILD = fileURLToPath(new URL('resume-child.mjs', import.meta.url));
/** `RESUME_SECONDS=60` for a longer run. */
const SECONDS = Number(process.env['RESUME_SECONDS'] ?? 8);
const CUT_EVERY = 500;
/** Each end sends, and calls, so often. */
const MESSAGES = 50_000;
const CALLS = 5_000;

/** What a child tells at its end. */
interface Told {
  readonly heard: number;
  readonly wrong: number;
  readonly answered: number;
  readonly failed: readonly string[];
  readonly fired: readonly string[];
  readonly vanished: number;
  readonly suspended: number;
}

const start = (id: string, seed: string, resumeTime: number, scheme = ''): Child =>
  startChild([CHILD, id, seed, String(resumeTime), String(SECONDS), String(MESSAGES), String(CALLS), scheme], { env: { RXMP_SECRET: 'of these two' } });

const lastOf = ({ stdout }: Child): Told | undefined => {
  const [line = ''] = stdout.split('\n').slice(1);
  return line === '' ? undefined : (JSON.parse(line) as Told);
};

/** Two processes behind a proxy that breaks all connections again and again, until both have told what they heard. */
async function talk(resumeTime: number, scheme: string): Promise<readonly [Told, Told]> {
  const hub = start('hub', '', resumeTime, scheme);
  const address = await eventually('an address', () => hub.stdout.split('\n')[1] !== undefined && hub.stdout.split('\n')[0]);
  const proxy: Proxy = await startProxy(address);
  const page = start('page', proxy.address, resumeTime);
  const cutting = setInterval(() => {
    proxy.cut();
    proxy.heal();
  }, CUT_EVERY);
  try {
    const end = (child: Child): Promise<Told> => eventually('a process to tell', () => lastOf(child), SECONDS * 1_000 + 20_000);
    return await Promise.all([end(hub), end(page)]);
  } finally {
    clearInterval(cutting);
    for (const child of [page, hub]) {
      child.closeStdin();
      expect((await ending(child)).stderr).toBe('');
    }
  }
}

afterEach(endChildren);

describe('V9, V10: processes whose connection breaks twice a second', () => {
  it.each(['tcp', 'ws'])('lose nothing, repeat nothing, and no monitor fires: %s', { timeout: SECONDS * 1_000 + 60_000 }, async (scheme) => {
    for (const told of await talk(10_000, scheme)) {
      const { suspended, ...rest } = told;
      expect(rest).toEqual({ heard: MESSAGES, wrong: 0, answered: CALLS, failed: [], fired: [], vanished: 0 });
      expect(suspended).toBeGreaterThan(SECONDS);
    }
  });

  it('hear of each break without resumeTime (S13)', { timeout: SECONDS * 1_000 + 60_000 }, async () => {
    for (const { fired, suspended } of await talk(0, 'tcp')) {
      expect(suspended).toBe(0);
      expect(fired[0]).toMatch(/^transport_error (hub|page) /);
    }
  });
});
