import { describe, expect, it } from 'vitest';
import type { MpNode, NodeOptions } from 'rxmp';
import { createWorld, type World } from '../../../marbles/world.js';

/** Keys of `fam` that vanished, as a node saw it. */
function vanished(node: MpNode): string[] {
  const gone: string[] = [];
  node.dbMon('fam').subscribe(({ del }) => gone.push(...del));
  return gone;
}

/**
 * Globals `m` and `g`, a slave `s` of `m` that has set some keys, and `w`, a slave of `g` that watches. Then `n` makes `s`
 * global by taking it as seed.
 */
async function handover(ways: (world: World) => void, ofGlobals: NodeOptions = {}) {
  const world = createWorld({ delay: 2 });
  const limits = { handoverTime: 3_000 };
  const m = await world.start('m', { seeds: ['memory://g'], global: true, limits, ...ofGlobals });
  const g = await world.start('g', { seeds: ['memory://m'], global: true, limits, ...ofGlobals });
  const s = await world.start('s', { seeds: ['memory://m'], limits });
  const w = await world.start('w', { seeds: ['memory://g'], limits });
  s.dbSet('fam', 'kept', 1);
  s.dbSet('fam', 'changed', 1);
  s.dbSet('fam', 'deleted', 1);
  world.clock.runFor(3_000);
  const seen = [m, g, s, w].map((node) => ({ id: node.id, gone: vanished(node) }));
  world.clock.runFor(1_000);
  ways(world);
  await world.start('n', { seeds: ['memory://s'], limits });
  return { world, m, g, s, w, gone: () => Object.fromEntries(seen.map(({ id, gone }) => [id, [...gone]])) };
}

const NOTHING = { m: [], g: [], s: [], w: [] };
const WAYS: readonly [string, (world: World) => void][] = [
  ['at once', () => undefined],
  ['slowly with the other global', ({ network }) => { network.delay('s', 'g', 100); }],
  ['slowly with its old master', ({ network }) => { network.delay('s', 'm', 100); }],
  ['only when the other global, which is cut off, can be reached again', ({ network, clock }) => {
    const heal = network.cut('s', 'g');
    clock.after(1_500, heal);
  }],
];

describe('S25, S28: a slave becomes global', () => {
  it.each(WAYS)('connected %s: none of its keys vanishes for anybody', async (_, ways) => {
    const { world, gone } = await handover(ways);
    world.clock.runFor(20_000);
    expect(gone()).toEqual(NOTHING);
    await world.close();
  });

  it.each(WAYS)('connected %s: what it changes meanwhile shows, and what it deletes goes', async (_, ways) => {
    const { world, s, m, g, w, gone } = await handover(ways);
    const families = new Map<string, ReadonlyMap<string, unknown>>();
    for (const node of [m, g, w]) node.dbMon('fam').subscribe(({ family }) => families.set(node.id, family));
    for (let i = 1; i <= 50; i++) {
      s.dbSet('fam', 'changed', i);
      if (i === 5) s.dbDel('fam', 'deleted');
      world.clock.runFor(10);
    }
    world.clock.runFor(20_000);
    expect([...families.values()].map((family) => Object.fromEntries(family))).toEqual([1, 2, 3].map(() => ({ kept: 1, changed: 50 })));
    expect(gone()).toEqual({ m: ['deleted'], g: ['deleted'], s: ['deleted'], w: ['deleted'] });
    // and what it has is its own: it goes with it
    await s.close();
    world.clock.runFor(20_000);
    expect([...families.values()].map((family) => family.size)).toEqual([0, 0, 0]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('and is gone before the other global has heard of it: its keys go everywhere', async () => {
    const { world, s, gone } = await handover(({ network }) => { network.cut('s', 'g'); });
    world.clock.runFor(200);
    await s.close();
    world.clock.runFor(20_000);
    expect(gone()).toEqual({ m: ['kept', 'changed', 'deleted'], g: ['kept', 'changed', 'deleted'], s: [], w: ['kept', 'changed', 'deleted'] });
    await world.close();
  });

  it('and meets the other global through a relay: its keys vanish for nobody', async () => {
    const { world, gone } = await handover(({ network }) => { network.cut('s', 'g'); });
    world.clock.runFor(20_000);
    expect(gone()).toEqual(NOTHING);
    await world.close();
  });

  it('and never meets the other global: its old master speaks for it no longer than handoverTime', async () => {
    const { world, gone } = await handover(({ network }) => { network.cut('s', 'g'); }, { relay: false });
    world.clock.runFor(2_000);
    expect(gone()).toEqual(NOTHING);
    world.clock.runFor(10_000);
    expect(gone()).toMatchObject({ m: [], g: ['kept', 'changed', 'deleted'], w: ['kept', 'changed', 'deleted'] });
    await world.close();
  });
});
