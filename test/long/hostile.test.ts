import { describe, expect, it } from 'vitest';
import { attack } from '../simulation/hostile/play.js';

const SEEDS = Array.from({ length: 20 }, (_, i) => 101 + i);
const INPUTS = 5_000;

describe(`G12: a guest says whatever it likes, ${(SEEDS.length * INPUTS).toLocaleString('en')} times`, () => {
  it.each(SEEDS)('and does nothing that it may not, nor keeps others from anything: seed %i', async (seed) => {
    const { violation, inputs } = await attack(seed, INPUTS);
    expect(violation?.message).toBeUndefined();
    expect(inputs).toBeGreaterThanOrEqual(INPUTS);
  });
});
