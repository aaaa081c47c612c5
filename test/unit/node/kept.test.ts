import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countHoldings } from '../../fixtures/holdings.js';
import { createStage, USES } from '../../fixtures/uses.js';

/** What was seen lately, so many at most, and how often who has come. */
const BOUNDED = /createRecent|createDoorkeeper|bucketOf/;

describe('a node at rest has a number of everything; what is done and undone leaves it there', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  it.each(Object.entries(USES))('%s', async (_, use) => {
    const stage = await createStage();
    const { world } = stage;
    const rest = async (): Promise<object> => {
      stage.run(20_000);
      const kept = Object.entries(await holdings.count()).filter(([where]) => !BOUNDED.test(where));
      return { ...Object.fromEntries(kept), timers: world.clock.pending };
    };
    // what is made once for good, by the first use
    use(stage);
    const before = await rest();
    for (let i = 0; i < 3; i++) use(stage);
    expect(await rest()).toEqual(before);
    await world.close();
  });
});
