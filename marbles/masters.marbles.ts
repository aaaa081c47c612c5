import { describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { content, watched } from './families.js';
import { createWorld } from './world.js';

describe('a change of master', () => {
  /** Two globals that know each other, and slaves with both as seeds: their master is `g`. */
  async function pair(...slaves: readonly string[]) {
    const world = createWorld({ delay: 1 });
    const g = await world.start('g', { global: true, seeds: ['memory://h'] });
    const h = await world.start('h', { global: true, seeds: ['memory://g'] });
    world.clock.runFor(3_000);
    const nodes: MpNode[] = [];
    for (const slave of slaves) nodes.push(await world.start(slave, { seeds: ['memory://g', 'memory://h'] }));
    world.clock.runFor(3_000);
    return { world, g, h, nodes };
  }

  it('S21, S28: monitors go on with the difference; nothing is empty in between, own keys never go', async () => {
    const { world, g, h, nodes } = await pair('a', 'b');
    const [a, b] = nodes as [MpNode, MpNode];
    a.dbSet('fam', 'a', 1);
    g.dbSet('fam', 'g', 1);
    h.dbSet('fam', 'h', 1);
    world.clock.runFor(100);
    const seen: string[] = [];
    watched(a).subscribe((change) => seen.push(change));
    world.clock.runFor(100);
    expect(seen).toEqual(['+a=1 +g=1 +h=1 (3)']);
    void g.close();
    world.clock.runFor(5_000);
    expect(seen).toEqual(['+a=1 +g=1 +h=1 (3)', '-g (2)']);
    b.dbSet('fam', 'b', 2);
    world.clock.runFor(100);
    expect(seen.at(-1)).toBe('+b=2 (3)');
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('S28: shows as the one difference there is, when the new master has told all', async () => {
    const { world, g, h, nodes } = await pair('a');
    const [a] = nodes as [MpNode];
    g.dbSet('fam', 'g', 1);
    h.dbSet('fam', 'h', 1);
    world.clock.runFor(100);
    world.draw(5_000, ({ play, expectObservable }) => {
      expectObservable(watched(a)).toBe('2ms f 2003ms d', { f: '+g=1 +h=1 (2)', d: '-g (1)' });
      // what the new one does not know may still be on its way to it, for limits.regroupTime
      play('                             5ms c', { c: () => void g.close() });
    });
  });

  it('S28: keys of nodes that are still on their way to the new master stay; S19: and they are found', async () => {
    const world = createWorld({ delay: { min: 1, max: 20 } });
    const g = await world.start('g', { global: true, seeds: ['memory://h'] });
    await world.start('h', { global: true, seeds: ['memory://g'] });
    world.clock.runFor(3_000);
    const nodes: MpNode[] = [];
    for (const name of ['a', 'b', 'c']) nodes.push(await world.start(name, { seeds: ['memory://g', 'memory://h'] }));
    const [a, b, c] = nodes as [MpNode, MpNode, MpNode];
    world.clock.runFor(3_000);
    b.dbSet('fam', 'b', 1);
    c.dbSet('fam', 'c', 1);
    g.dbSet('fam', 'g', 1);
    const port = b.port();
    world.clock.runFor(100);
    const seen: string[] = [];
    const deaths: unknown[] = [];
    watched(a).subscribe((change) => seen.push(change));
    world.clock.runFor(100);
    a.monNodes().subscribe(({ node, up }) => {
      if (node === 'g' && !up) a.mon(port.id, (...reason) => deaths.push(reason));
    });
    void g.close();
    world.clock.runFor(10_000);
    expect(seen).toEqual(['+b=1 +c=1 +g=1 (3)', '-g (2)']);
    expect(deaths).toEqual([]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('S21: a query waits for a master', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://g'] });
    a.dbSet('fam', 'x', 1);
    const answers: ReadonlyMap<string, unknown>[] = [];
    a.dbFamily('fam').subscribe((family) => answers.push(family));
    world.clock.runFor(2_000);
    expect(answers).toEqual([]);
    await world.start('g');
    world.clock.runFor(5_000);
    expect(answers).toEqual([new Map([['x', 1]])]);
    await world.close();
  });

  it('S28: what a node watches does not vanish when it becomes global itself', async () => {
    const { world, g, nodes } = await pair('a');
    const [a] = nodes as [MpNode];
    g.dbSet('fam', 'g', 1);
    a.dbSet('fam', 'a', 1);
    world.clock.runFor(100);
    const seen: string[] = [];
    watched(a).subscribe((change) => seen.push(change));
    world.clock.runFor(100);
    const late = await world.start('late', { seeds: ['memory://a'] });
    late.dbSet('fam', 'late', 1);
    world.clock.runFor(5_000);
    expect(seen).toEqual(['+a=1 +g=1 (2)', '+late=1 (3)']);
    expect((await content(world, g)).get('late')).toBe(1);
    // what it had set as a slave is still its own
    a.dbDel('fam', 'a');
    world.clock.runFor(100);
    expect([...(await content(world, g)).keys()].sort()).toEqual(['g', 'late']);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('who becomes global', () => {
  it('S28: answers when it has heard of the other globals, not before', async () => {
    const world = createWorld({ delay: 5 });
    const g = await world.start('g', { global: true });
    const plain = await world.start('plain', { seeds: ['memory://g'] });
    g.dbSet('fam', 'far', 1);
    world.clock.runFor(1_000);
    const asker = await world.start('asker', { seeds: ['memory://plain'] });
    const seen: string[] = [];
    watched(asker).subscribe((change) => seen.push(change));
    asker.dbKeys('fam').subscribe((keys) => seen.push(`keys: ${keys.join()}`));
    world.clock.runFor(1_000);
    expect(seen.sort()).toEqual(['+far=1 (1)', 'keys: far']);
    expect(plain.upNodes().sort()).toEqual(['asker', 'g']);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('global nodes', () => {
  it('S21: a seed becomes global when somebody uses it; S22: globals find each other through a common seed', async () => {
    const world = createWorld({ delay: 1 });
    const nodes: MpNode[] = [await world.start('seed')];
    for (const name of ['x', 'y', 'z']) nodes.push(await world.start(name, { global: true, seeds: ['memory://seed'] }));
    world.clock.runFor(5_000);
    for (const node of nodes) expect(node.upNodes()).toHaveLength(3);
    const [, x, y] = nodes as [MpNode, MpNode, MpNode];
    // only the connection of x and y is cut: both learn of each other by the seed, and connect again
    world.network.cut('x', 'y');
    world.clock.runFor(3_000);
    expect(x.nodeIsUp('y')).toBe(false);
    world.network.heal();
    world.clock.runFor(5_000);
    expect([x.nodeIsUp('y'), y.nodeIsUp('x')]).toEqual([true, true]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('D7: after a partition has healed, all show the same', async () => {
    const world = createWorld({ delay: 1 });
    const names = ['g', 'h', 'i'];
    const nodes: MpNode[] = [];
    for (const name of names) nodes.push(await world.start(name, { global: true, seeds: names.map((seed) => `memory://${seed}`) }));
    world.clock.runFor(5_000);
    world.network.partition([['g'], ['h', 'i']]);
    for (const node of nodes) node.dbSet('fam', `only ${node.id}`, 1).add(node.dbSet('fam', 'all', node.id));
    world.clock.runFor(5_000);
    const [g, h] = nodes as [MpNode, MpNode];
    expect([...(await content(world, g)).keys()].sort()).toEqual(['all', 'only g']);
    expect([...(await content(world, h)).keys()].sort()).toEqual(['all', 'only h', 'only i']);
    world.network.heal();
    world.clock.runFor(10_000);
    const expected = new Map<string, unknown>([['all', 'i'], ['only g', 1], ['only h', 1], ['only i', 1]]);
    for (const node of nodes) expect(await content(world, node)).toEqual(expected);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});
