import fc from 'fast-check';
import { describe, it } from 'vitest';
import { seeded } from '../../fixtures/chunking.js';
import { createWorld, FAMILIES, history, type History } from './history.js';
import { checkQuiet, checkVouched } from './quiet.js';

function play({ setup, phases }: History, perls: number): void {
  const world = createWorld(setup, perls);
  const random = seeded(setup.seed);
  for (const steps of phases) {
    for (const step of steps) {
      world.perform(step);
      checkVouched(world);
    }
    world.heal(random);
    checkQuiet(world, FAMILIES);
  }
}

/** A global of AnyEvent::MP tells, as a global, what its slave has set, and takes back, as a slave, that it has set the same. */
const TWICE_THE_SAME: History = {
  setup: { globals: 4, slaves: 1, seeds: [9, 0], wire: false, isLazy: false, pieceSize: 1_000_000, unmarked: 0, seed: 0 },
  phases: [
    [{ do: 'kill', node: 0, kept: 0 }, { do: 'kill', node: 0, kept: 0 }],
    [
      { do: 'set', node: 467, family: 255, key: 600, value: 0 },
      { do: 'set', node: 518, family: 693, key: 873, value: 0 },
      { do: 'serve', choice: 0, count: 4 },
      { do: 'kill', node: 0, kept: 0 },
      { do: 'del', node: 584, family: 21, key: 362 },
    ],
  ],
};

describe('the replicated database', () => {
  it('converges to the union of the living nodes, whatever happens in between', { timeout: 120_000 }, () => {
    fc.assert(fc.property(history, (one) => { play(one, 0); }), { numRuns: 2_000 });
  });

  it('loses nothing and converges beside globals of AnyEvent::MP', { timeout: 120_000 }, () => {
    fc.assert(fc.property(history, fc.integer({ min: 1, max: 3 }), (one, perls) => { play(one, perls); }), {
      numRuns: 500,
      examples: [[TWICE_THE_SAME, 1]],
    });
  });
});
