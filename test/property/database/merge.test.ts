import fc from 'fast-check';
import { describe, it } from 'vitest';
import { seeded } from '../../fixtures/chunking.js';
import { createWorld, FAMILIES, history, type History } from './history.js';
import { checkQuiet } from './quiet.js';

function play({ setup, phases }: History, perls: number): void {
  const world = createWorld(setup, perls);
  const random = seeded(setup.seed);
  for (const steps of phases) {
    for (const step of steps) world.perform(step);
    world.heal(random);
    checkQuiet(world, FAMILIES);
  }
}

describe('the replicated database', () => {
  it('converges to the union of the living nodes, whatever happens in between', { timeout: 120_000 }, () => {
    fc.assert(fc.property(history, (one) => { play(one, 0); }), { numRuns: 2_000 });
  });

  it('loses nothing and converges beside globals of AnyEvent::MP', { timeout: 120_000 }, () => {
    fc.assert(fc.property(history, fc.integer({ min: 1, max: 3 }), (one, perls) => { play(one, perls); }), { numRuns: 500 });
  });
});
