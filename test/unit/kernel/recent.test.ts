import { describe, expect, it } from 'vitest';
import { createRecent } from '../../../src/kernel/core/recent.js';
import { seeded } from '../../fixtures/chunking.js';

describe('what was seen of late', () => {
  it('forgets the oldest, and keeps for longer what is in use', () => {
    const used = new Set(['b', 'd']);
    const recent = createRecent(3, (text) => used.has(text));
    for (const text of ['a', 'b', 'c', 'd', 'e']) recent.add(text);
    expect(['a', 'b', 'c', 'd', 'e'].map(recent.has)).toEqual([false, true, false, true, true]);
    used.clear();
    for (const text of ['f', 'g', 'h']) recent.add(text);
    expect(['b', 'd', 'e', 'f', 'g', 'h'].map(recent.has)).toEqual([false, false, false, true, true, true]);
  });

  it.each([1, 2, 3])('has the last of all that came, as many as there may be (seed %i)', (seed) => {
    const random = seeded(seed);
    const recent = createRecent(50);
    const all: string[] = [];
    for (let i = 0; i < 2_000; i++) {
      const text = `text ${Math.floor(random() * 300)}`;
      if (!recent.has(text)) all.push(text);
      recent.add(text);
      const last = all.slice(-50);
      expect(last.every(recent.has)).toBe(true);
      expect(all.slice(0, -50).filter((one) => !last.includes(one)).some(recent.has)).toBe(false);
    }
  });

  it('costs the same for each, however many there were', () => {
    const recent = createRecent(10_000);
    const cost = (from: number, count: number): number => {
      const start = process.cpuUsage();
      for (let i = from; i < from + count; i++) recent.add(`text ${i}`);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / count;
    };
    cost(0, 9_000);
    const full = cost(9_000, 100_000);
    const empty = createRecent(200_000);
    const start = process.cpuUsage();
    for (let i = 0; i < 100_000; i++) empty.add(`text ${i}`);
    const { user, system } = process.cpuUsage(start);
    // it was 20 times as much, when each look for the oldest passed all that were gone
    expect(full).toBeLessThan((6 * (user + system)) / 100_000);
  });
});
