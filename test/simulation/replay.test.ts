import { describe, expect, it } from 'vitest';
import { planOf } from './plan.js';
import { play } from './play.js';

describe('a run', { timeout: 120_000 }, () => {
  it.each([3, 8, 11, 12])('of seed %i is the same whenever it is played', async (seed) => {
    const first = await play(planOf(seed), { hash: true });
    // others in between leave nothing behind
    await play(planOf(seed + 1));
    const lines: string[] = [];
    const second = await play(planOf(seed), { hash: true, trace: (line) => lines.push(line) });
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toEqual(first);
    expect(lines.length).toBeGreaterThan(first.actions);
  });

  it('differs from that of another seed', async () => {
    const [one, other] = [await play(planOf(1), { hash: true }), await play(planOf(2), { hash: true })];
    expect(one.hash).not.toBe(other.hash);
  });

  it('is within what was promised: 3 to 25 nodes, 200 to 2,000 actions', () => {
    const plans = Array.from({ length: 300 }, (_, i) => planOf(i + 1));
    for (const { setup, actions } of plans) {
      const nodes = setup.seeds + setup.globals + setup.slaves;
      expect(nodes).toBeGreaterThanOrEqual(3);
      expect(nodes).toBeLessThanOrEqual(25);
      expect(actions.length).toBeGreaterThanOrEqual(200);
      expect(actions.length).toBeLessThanOrEqual(2_000);
    }
    expect(Math.max(...plans.map(({ actions }) => actions.length))).toBeGreaterThan(1_000);
    expect(new Set(plans.flatMap(({ actions }) => actions.map((action) => action.do))).size).toBe(43);
  });
});
