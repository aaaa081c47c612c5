import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createNode, type MpNode } from 'rxmp';
import { describe, expect, it } from 'vitest';

/** `HOSTILE_WINDOWS=100` for about 100,000 inputs. */
const WINDOWS = Number(process.env['HOSTILE_WINDOWS'] ?? 6);
/** How long round trips are measured at a time, with and without the attack; and how long it takes to begin, or to die away, ms. */
const WINDOW = 700;
const SETTLING = 200;
/** G12. */
const MOST = 3;

interface Place {
  readonly address: string;
  readonly open: readonly string[];
  readonly secrets: readonly string[];
}

interface Report {
  readonly broken: readonly string[];
  readonly messages: number;
  readonly refused: number;
  readonly isUp: boolean;
}

const thread = (name: string, workerData?: object): Worker => new Worker(fileURLToPath(new URL(name, import.meta.url)), { workerData });
const said = async <T>(worker: Worker): Promise<T> => ((await once(worker, 'message')) as [T])[0];

/** One round trip after the other to both ports, for so long, ms each. */
async function roundTrips(node: MpNode, ports: readonly string[], ms: number): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + ms;
  let answered: () => void = () => undefined;
  const own = node.port(() => { answered(); });
  for (let i = 0; performance.now() < end; i++) {
    const start = performance.now();
    const answer = new Promise<void>((resolve) => { answered = resolve; });
    node.snd(ports[i % ports.length] ?? '', 'hello', own.id);
    await answer;
    times.push(performance.now() - start);
  }
  node.kil(own);
  return times;
}

const quantile = (times: readonly number[], share: number): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;
const median = (values: readonly number[]): number => quantile(values, 0.5);

describe('G12: a guest that says whatever it likes over a real socket', () => {
  it(`does nothing that it may not, and round trips of another one take at most ${MOST} times as long`, { timeout: 60_000 + 3 * WINDOWS * (WINDOW + SETTLING) }, async () => {
    const gate = thread('hostile-gate.mjs');
    const { address, open, secrets } = await said<Place>(gate);
    const ada = await createNode({ seeds: [address], credentials: 'ada', log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_, text) => { throw new Error(text); } } });
    const intruder = thread('hostile-intruder.mjs', { address, open, secrets, seed: 1 });
    const p99: Record<'quiet' | 'attack', number[]> = { quiet: [], attack: [] };
    try {
      await roundTrips(ada, open, WINDOW);
      for (let i = 0; i < WINDOWS; i++) {
        for (const kind of ['quiet', 'attack'] as const) {
          intruder.postMessage(kind === 'attack');
          await wait(SETTLING);
          p99[kind].push(quantile(await roundTrips(ada, open, WINDOW), 0.99));
        }
      }
      gate.postMessage('report');
      const { broken, messages, refused, isUp } = await said<Report>(gate);
      const [quiet, attack] = [median(p99.quiet), median(p99.attack)];
      console.log(`p99 of round trips: ${quiet.toFixed(2)} ms without the attack, ${attack.toFixed(2)} ms with it (${(attack / quiet).toFixed(2)} times); ${messages} inputs, of which ${refused} were refused`);
      expect(broken).toEqual([]);
      expect(isUp).toBe(true);
      expect(messages).toBeGreaterThan(WINDOWS * 200);
      expect(attack / quiet).toBeLessThanOrEqual(MOST);
    } finally {
      await ada.close();
      await Promise.all([gate.terminate(), intruder.terminate()]);
    }
  });
});
