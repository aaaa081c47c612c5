import { describe, expect, it } from 'vitest';
import { heapUsed } from '../fixtures/heap.js';
import { createStage, USES, type Stage } from '../fixtures/uses.js';

const TIMES = 50_000;
/** Less than one entry of a map, or one timer, octets. */
const FORGOTTEN = 16;

describe(`what is done and undone ${TIMES.toLocaleString('en')} times leaves the heap where it was`, () => {
  it.each(Object.entries(USES))('%s', async (_, use) => {
    const stage = await createStage();
    const rest = async (times: number): Promise<number> => {
      for (let i = 0; i < times; i++) await once(use, stage, i);
      stage.run(20_000);
      return heapUsed();
    };
    // what is compiled, and tables that grow up to a bound
    await rest(TIMES / 5);
    const before = await rest(TIMES / 5);
    const { pending } = stage.world.clock;
    const after = await rest(TIMES);
    expect((after - before) / TIMES).toBeLessThan(FORGOTTEN);
    expect(stage.world.clock.pending).toBe(pending);
    await stage.world.close();
  });
});

/** Promises, and what the engine does between two turns, have theirs. */
async function once(use: (stage: Stage) => void, stage: Stage, i: number): Promise<void> {
  use(stage);
  if (i % 100 === 0) await new Promise(setImmediate);
}
