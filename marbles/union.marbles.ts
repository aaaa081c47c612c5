import { describe, expect, it } from 'vitest';
import type { NodeOptions } from 'rxmp';
import { watched } from './families.js';
import { createWorld } from './world.js';

/** Two global nodes that know each other, each with a slave of its own: `a` of `g`, `b` of `h`. Everything takes 1 ms. */
async function twoMasters(options: NodeOptions = {}) {
  const world = createWorld({ delay: 1 });
  const g = await world.start('g', { global: true, ...options });
  const h = await world.start('h', { global: true, seeds: ['memory://g'], ...options });
  world.clock.runFor(3_000);
  const a = await world.start('a', { seeds: ['memory://g'] });
  const b = await world.start('b', { seeds: ['memory://h'] });
  world.clock.runFor(3_000);
  return { world, g, h, a, b };
}

describe('what many have set', () => {
  it('S24, D1: is one family for all; it goes from the slave to its master, to the other master, and to that one’s slave', async () => {
    const { world, g, h, a, b } = await twoMasters();
    world.draw(30, ({ play, expectObservable }) => {
      const values = { 0: '(0)', 1: '+x=1 (1)' };
      expectObservable(watched(a)).toBe('--0-------1', values);
      expectObservable(watched(g)).toBe('0--------1', values);
      expectObservable(watched(h)).toBe('0---------1', values);
      expectObservable(watched(b)).toBe('--0--------1', values);
      play('                             --------s', { s: () => a.dbSet('fam', 'x', 1) });
    });
  });

  it('S24, D2: two that set one key at the same moment: everybody ends with the value of the same one', async () => {
    const { world, g, h, a, b } = await twoMasters();
    const last = new Map<string, string>();
    for (const node of [g, h, a, b]) watched(node).subscribe((change) => last.set(node.id, change.slice(1)));
    world.clock.runFor(10);
    a.dbSet('fam', 'x', 'of a');
    b.dbSet('fam', 'x', 'of b');
    world.clock.runFor(10);
    expect([...last.entries()].sort()).toEqual(['a', 'b', 'g', 'h'].map((id) => [id, 'x=of b (1)']));
    await world.close();
  });

  it('D4: a value that another one hides comes back when the other goes; D6: until then its changes are no change', async () => {
    const { world, a, b } = await twoMasters();
    world.draw(40, ({ play, expectObservable }) => {
      expectObservable(watched(a)).toBe('--0------1-----2--------3', { 0: '(0)', 1: '+x=1 (1)', 2: '~x=of b (1)', 3: '~x=2 (1)' });
      play('                             -------1----b----2---d', {
        1: () => a.dbSet('fam', 'x', 1),
        b: () => b.dbSet('fam', 'x', 'of b'),
        2: () => a.dbSet('fam', 'x', 2),
        d: () => { b.dbDel('fam', 'x'); },
      });
    });
  });

  it('D5, S25: a node that goes takes its keys, all of them in one change, and no others', async () => {
    const { world, a, b } = await twoMasters();
    for (const key of ['x', 'y', 'z']) b.dbSet('fam', key, key);
    a.dbSet('fam', 'w', 'w');
    world.clock.runFor(10);
    world.draw(40, ({ play, expectObservable }) => {
      expectObservable(watched(a)).toBe('--f------g', { f: '+w=w +x=x +y=y +z=z (4)', g: '-x -y -z (1)' });
      play('                             -------c', { c: () => world.network.cut('b', 'h') });
    });
  });

  it('D3: a global node tells others of its own slaves only: what it has heard goes with the one who has told it', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub', { global: true });
    const g = await world.start('g', { global: true, seeds: ['memory://hub'] });
    const h = await world.start('h', { global: true, seeds: ['memory://hub'] });
    world.clock.runFor(5_000);
    g.dbSet('fam', 'x', 1);
    world.clock.runFor(10);
    world.draw(40, ({ play, expectObservable }) => {
      expectObservable(watched(hub)).toBe('f', { f: '+x=1 (1)' });
      expectObservable(watched(h)).toBe('  f----g', { f: '+x=1 (1)', g: '-x (0)' });
      play('                               -----c', { c: () => world.network.cut('g', 'h') });
    });
  });

  it('D9: who sets more than a node may has lost its connection; what others have set stays', async () => {
    const { world, h, a, b } = await twoMasters({ limits: { shardKeys: 3 } });
    a.dbSet('fam', 'x', 1);
    world.clock.runFor(10);
    world.draw(40, ({ play, expectObservable }) => {
      expectObservable(watched(a)).toBe('     --f', { f: '+x=1 (1)' });
      expectObservable(b.mon('h')).toBe('    -------(l|)', {
        l: ['transport_error', 'h', 'connection with memory://h failed: reset by the other end'],
      });
      play('                                  -----s', {
        s: () => { for (const n of [1, 2, 3, 4]) b.dbSet('fam', `of b ${n}`, n); },
      });
    });
    expect(h.log.lines.filter((line) => line.includes('limits.shardKeys'))).toHaveLength(1);
  });
});
