import { describe, expect, it } from 'vitest';
import { attack } from './hostile/play.js';

/** Those of `npm run kept` are ten times as many. */
const INPUTS = 2_500;

describe('G12: a guest that knows the whole protocol and says whatever it likes', () => {
  it.each([1, 2, 3, 4])('does nothing that it may not, nor keeps others from anything: seed %i', { timeout: 60_000 }, async (seed) => {
    const { violation, inputs, refused } = await attack(seed, INPUTS);
    expect(violation?.message).toBeUndefined();
    // neither all noise, nor all harmless: floods are one word, many times
    expect(refused).toBeGreaterThan(inputs / 4);
    expect(refused).toBeLessThan((inputs * 19) / 20);
  });
});
