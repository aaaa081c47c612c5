import { setTimeout as wait } from 'node:timers/promises';
import { createNode } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { inWords, startSiege } from '../process/siege.js';

const INPUTS = 100_000;
/** Who attacks comes by so many names, one after the other, as each of them is slowed down. */
const USERS = 100;
const LOOK_TIME = 1_000;
/** Nobody waits for so long, ms. */
const SLOWEST = 5_000;

describe(`G12: a guest says whatever it likes over a real socket, ${INPUTS.toLocaleString('en')} times`, () => {
  it('and does nothing that it may not, nor keeps others from anything', async () => {
    const siege = await startSiege(7, USERS);
    const errors: string[] = [];
    const ada = await createNode({ seeds: [siege.place.address], credentials: 'ada', log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_, text) => { errors.push(text); } } });
    let answered: () => void = () => undefined;
    const own = ada.port(() => { answered(); });
    const begin = performance.now();
    try {
      siege.attack(true);
      let report = await siege.report();
      let slowest = 0;
      while (report.messages < INPUTS && report.broken.length === 0) {
        await wait(LOOK_TIME);
        for (const port of siege.place.open) {
          const start = performance.now();
          const answer = new Promise<void>((resolve) => { answered = resolve; });
          ada.snd(port, 'hello', own.id);
          await answer;
          slowest = Math.max(slowest, performance.now() - start);
        }
        report = await siege.report();
      }
      console.log(`${inWords(report)}; in ${((performance.now() - begin) / 1_000).toFixed(0)} s, the slowest round trip of another guest took ${slowest.toFixed(1)} ms`);
      expect([...report.broken, ...errors]).toEqual([]);
      expect(report.isUp).toBe(true);
      expect(report.messages).toBeGreaterThanOrEqual(INPUTS);
      expect(slowest).toBeLessThan(SLOWEST);
    } finally {
      await ada.close();
      await siege.end();
    }
  });
});
