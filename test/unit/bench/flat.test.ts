import { describe, expect, it } from 'vitest';
import { flatness } from '../../../bench/soak/flat.js';

const MB = 2 ** 20;
const soak = (heapAt: (second: number) => number, externalAt: (second: number) => number = () => MB) =>
  flatness(Array.from({ length: 100 }, (_, second) => ({ heap: heapAt(second), external: externalAt(second) })));

describe('what a soak says of memory', () => {
  it('is flat where it warms up, wavers and stays', () => {
    expect(soak((second) => (second < 20 ? second * MB : 20 * MB + (second % 5) * 0.1 * MB)).flat).toBe(true);
  });

  it('has grown where each second leaves something, in the heap or outside of it', () => {
    expect(soak((second) => (20 + second / 20) * MB).flat).toBe(false);
    expect(soak(() => 20 * MB, (second) => (second / 20) * MB).flat).toBe(false);
  });

  it('tells nothing from a few samples', () => {
    expect(() => flatness([{ heap: 1, external: 1 }])).toThrow('1 samples are too few to tell, expected at least 8');
  });
});
