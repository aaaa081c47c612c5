import { describe, expect, it } from 'vitest';
import { createScopeCore } from '../../../src/federation/core/scope-core.js';
import { play } from './play.js';

/** Runs in one test, so that its time tells something, and tests. */
const RUNS = 600;
const BATCHES = 7;

describe('random trees of scopes keep I1 to I8 after every event', () => {
  it.each(Array.from({ length: BATCHES }, (_, batch) => batch * RUNS + 1))(`${RUNS} runs from %i on`, { timeout: 60_000 }, (first) => {
    let steps = 0;
    let doomed = 0;
    for (let seed = first; seed < first + RUNS; seed++) {
      const played = play(createScopeCore, seed);
      expect(played.violation).toBeUndefined();
      steps += played.steps;
      doomed += played.counts.doomed;
    }
    // the runs do something, and bad packets were among it
    expect(steps).toBeGreaterThan(RUNS * 15);
    expect(doomed).toBeGreaterThan(RUNS / 20);
  });
});
