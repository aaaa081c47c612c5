import { describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { watched } from './families.js';
import { createWorld } from './world.js';

/** A global node `g`, and slaves of it; everything takes 1 ms. */
async function star(...slaves: readonly string[]) {
  const world = createWorld({ delay: 1 });
  const g = await world.start('g', { global: true });
  const nodes: MpNode[] = [];
  for (const slave of slaves) nodes.push(await world.start(slave, { seeds: ['memory://g'] }));
  world.clock.runFor(100);
  return { world, g, nodes };
}

describe('dbMon: first all there is, then every change (S26)', () => {
  it('the first value comes also when the family is empty', async () => {
    const { world, nodes } = await star('a', 'b');
    const [a, b] = nodes as [MpNode, MpNode];
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(watched(b)).toBe('--0----1---2---3', { 0: '(0)', 1: '+x=1 (1)', 2: '~x=2 (1)', 3: '-x (0)' });
      play('                             -----a---b---c', {
        a: () => a.dbSet('fam', 'x', 1),
        b: () => a.dbSet('fam', 'x', 2),
        c: () => { a.dbDel('fam', 'x'); },
      });
    });
  });

  it('who comes later gets all there is at once, on the same upstream monitor', async () => {
    const { world, nodes } = await star('a', 'b');
    const [a, b] = nodes as [MpNode, MpNode];
    a.dbSet('fam', 'x', 1);
    world.clock.runFor(10);
    world.draw(20, ({ expectObservable }) => {
      expectObservable(watched(b)).toBe('--f', { f: '+x=1 (1)' });
      expectObservable(watched(b), '-----^ 10ms !').toBe('-----f', { f: '+x=1 (1)' });
    });
  });

  it('D8: what one turn has changed is one change; D6: what changes nothing is none', async () => {
    const { world, nodes } = await star('a', 'b');
    const [a, b] = nodes as [MpNode, MpNode];
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(watched(b)).toBe('--0----1', { 0: '(0)', 1: '+x=1 +y=3 (2)' });
      play('                             -----a---b---c', {
        a: () => {
          a.dbSet('fam', 'x', 1);
          a.dbSet('fam', 'y', 2);
          a.dbSet('fam', 'z', 2);
          a.dbSet('fam', 'y', 3);
          a.dbDel('fam', 'z');
        },
        b: () => a.dbSet('fam', 'x', 1),
        c: () => {
          a.dbDel('fam', 'y');
          a.dbSet('fam', 'y', 3);
        },
      });
    });
  });

  it('unsubscribing what dbSet gave deletes the key; a port that dies leaves its families', async () => {
    const { world, nodes } = await star('a', 'b');
    const [a, b] = nodes as [MpNode, MpNode];
    const port = a.port();
    const guard = a.dbSet('fam', 'x', 1);
    a.dbReg('fam', port);
    world.clock.runFor(10);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(watched(b)).toBe('--0----1--2', { 0: `+${port.id}=null +x=1 (2)`, 1: '-x (1)', 2: `-${port.id} (0)` });
      play('                             -----a--b', { a: () => { guard.unsubscribe(); }, b: () => { a.kil(port); } });
    });
  });

  it('S27: a snapshot stays as it was', async () => {
    const { world, nodes } = await star('a');
    const [a] = nodes as [MpNode];
    const families: ReadonlyMap<string, unknown>[] = [];
    a.dbMon('fam').subscribe(({ family }) => families.push(family));
    for (let n = 0; n < 5; n++) {
      a.dbSet('fam', `k${n}`, n);
      world.clock.runFor(10);
    }
    expect(families.map(({ size }) => size)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...(families[2] ?? [])].sort()).toEqual([['k0', 0], ['k1', 1]]);
    await world.close();
  });
});

describe('who has set what', () => {
  it('S24: a key that two nodes have set shows one value, and the other when that one goes; S25: with its node', async () => {
    const { world, nodes } = await star('a', 'b', 'c');
    const [a, b, c] = nodes as [MpNode, MpNode, MpNode];
    a.dbSet('fam', 'x', 'of a');
    world.clock.runFor(10);
    world.draw(30, ({ play, expectObservable }) => {
      expectObservable(watched(c)).toBe('--0----1--2----3--4', {
        0: '+x=of a (1)',
        1: '~x=of b (1)',
        2: '~x=of a (1)',
        3: '+y=1 ~x=of b (2)',
        4: '~x=of a -y (1)',
      });
      play('                             -----a--b----c--d', {
        a: () => b.dbSet('fam', 'x', 'of b'),
        b: () => { b.dbDel('fam', 'x'); },
        c: () => {
          b.dbSet('fam', 'x', 'of b');
          b.dbSet('fam', 'y', 1);
        },
        d: () => void b.close(),
      });
    });
  });
});
