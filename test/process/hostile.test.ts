import { setTimeout as wait } from 'node:timers/promises';
import { createNode, type MpNode } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { inWords, startSiege } from './siege.js';

/** More of them measure better. 100,000 inputs are in `test/long/hostile-sockets.test.ts`. */
const WINDOWS = Number(process.env['HOSTILE_WINDOWS'] ?? 8);
/** How long round trips are measured at a time, with and without the attack; and how long it takes to begin, or to die away, ms. */
const WINDOW = 500;
const SETTLING = 200;
/** Both are run for so long before, ms. */
const WARMING = 700;
/** Nobody waits for so long, ms. */
const SLOWEST = 1_000;
/** As G12 has it; and the names of who attacks, who is slowed down by each of them. */
const TIMES = 3;
const USERS = 2;
/** Inputs in one window. */
const LEAST = 100;

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
    // its own rate is limited, too (G8)
    await wait(1);
  }
  node.kil(own);
  return times;
}

const quantile = (times: readonly number[], share: number): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;
/** What else the machine does makes some windows slower, and none faster; what the gate does is in all of them. */
const usual = (values: readonly number[]): number => quantile(values, 0.25);

const KINDS = ['quiet', 'elsewhere', 'attack'] as const;

describe('G12: a guest that says whatever it likes over a real socket', () => {
  // an attack of another gate takes as much of the processors as one of this one: what this one does is the difference
  it('does nothing that it may not, and another one has its answers; how long these take is printed', { timeout: 60_000 + 4 * WINDOWS * (WINDOW + SETTLING) }, async () => {
    const [here, elsewhere] = await Promise.all([startSiege(1, USERS), startSiege(1, USERS)]);
    const errors: string[] = [];
    const { address, open } = here.place;
    const ada = await createNode({ seeds: [address], credentials: 'ada', log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_, text) => { errors.push(text); } } });
    const p99: Record<(typeof KINDS)[number], number[]> = { quiet: [], elsewhere: [], attack: [] };
    const window = async (kind: (typeof KINDS)[number], ms: number): Promise<readonly number[]> => {
      here.attack(kind === 'attack');
      elsewhere.attack(kind === 'elsewhere');
      await wait(SETTLING);
      return roundTrips(ada, open, ms);
    };
    try {
      // what runs for the first time is compiled
      for (const kind of KINDS) await window(kind, WARMING);
      let report = await here.report();
      const least: number[] = [];
      for (let i = 0; i < WINDOWS; i++) {
        for (const kind of KINDS) {
          p99[kind].push(quantile(await window(kind, WINDOW), 0.99));
          const before = report.messages;
          report = await here.report();
          if (kind === 'attack') least.push(report.messages - before);
        }
      }
      const { broken, isUp } = report;
      const [quiet, other, attack] = KINDS.map((kind) => usual(p99[kind])) as [number, number, number];
      console.log(`p99 of round trips: ${quiet.toFixed(2)} ms without an attack, ${other.toFixed(2)} ms with one elsewhere, ${attack.toFixed(2)} ms with one here (${(attack / other).toFixed(2)} times); ${inWords(report)}`);
      expect([...broken, ...errors]).toEqual([]);
      expect(isUp).toBe(true);
      // there was an attack in each of them
      expect(Math.min(...least)).toBeGreaterThan(LEAST);
      expect(attack).toBeLessThan(SLOWEST);
      expect(attack / other).toBeLessThanOrEqual(TIMES);
    } finally {
      await ada.close();
      await Promise.all([here.end(), elsewhere.end()]);
    }
  });
});
