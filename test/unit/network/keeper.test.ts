import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { parseAddress } from '../../../src/transport/address.js';
import { always, searcher } from './searcher.js';

describe('S22: a node that is kept', () => {
  it.each([
    [0, [0, 300, 600, 1_200, 2_400, 4_800, 5_000, 5_000]],
    [128, [0, 451, 901, 1_802, 3_605, 5_000, 5_000, 5_000]],
  ])('is wanted at once, then after (1 + chance) × 300 ms, doubling up to monitorTimeout: chance %i/256', async (octet, pauses) => {
    const world = createWorld();
    const a = searcher(world, 'a', { knows: {}, chance: always(octet), monitorTimeout: 5_000 });
    a.network.keep('b');
    a.network.keep('b');
    world.clock.runFor(25_000);
    const times = a.asked.map(([time]) => time);
    expect(times.slice(0, pauses.length).map((time, i) => Math.round(time - (times[i - 1] ?? 0)))).toEqual(pauses);
    // said once
    expect(a.warnings()).toEqual(['warn b is to stay connected, but is not: no known address: it is not there, or it listens nowhere (it has no binds)']);
    expect(world.clock.pending).toBe(1);
    a.network.drop('b');
    expect(world.clock.pending).toBe(0);
    a.close();
  });

  it('is found whenever it comes, also again; the pause is short then', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { knows: { b: ['memory://b'] } });
    a.network.keep('b');
    world.clock.runFor(100_000);
    expect(a.kernel.peers.up()).toEqual([]);
    await world.start('b', { monitorTimeout: 30_000 });
    world.clock.runFor(30_000 + 100);
    expect(a.kernel.peers.up()).toEqual(['b']);
    for (let round = 0; round < 5; round++) {
      const asked = a.asked.length;
      world.network.cut('a', 'b');
      world.network.heal();
      world.clock.runFor(0);
      expect(a.kernel.peers.up()).toEqual([]);
      // the pause, the wait before the first address, and the handshake
      world.clock.runFor(600 + 50 + 30);
      expect([a.kernel.peers.up(), a.asked.length]).toEqual([['b'], asked + 1]);
      world.clock.runFor(10_000);
      expect(a.asked.length).toBe(asked + 1);
    }
    const troubles = a.warnings().filter((line) => line.includes('is to stay connected'));
    expect(troubles).toEqual([
      'warn b is to stay connected, but is not: cannot connect to memory://b: nothing listens on memory://b',
    ]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('says again what is wrong when it has been connected meanwhile, or when the reason is another one', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { monitorTimeout: 2_000 });
    const answerFor = (ms: number, addresses: string[] | null): void => {
      for (let time = 0; time < ms; time += 100) {
        a.answer('b', addresses);
        world.clock.runFor(100);
      }
    };
    a.network.keep('b');
    world.clock.runFor(100);
    answerFor(10_000, null);
    answerFor(10_000, ['memory://b']);
    const b = await world.start('b', { monitorTimeout: 2_000 });
    answerFor(5_000, ['memory://b']);
    expect(a.kernel.peers.up()).toEqual(['b']);
    void b.close();
    answerFor(10_000, ['memory://b']);
    const refused = 'warn b is to stay connected, but is not: cannot connect to memory://b: nothing listens on memory://b';
    expect(a.warnings()).toEqual(['warn b is to stay connected, but is not: no known address: it is not there, or it listens nowhere (it has no binds)', refused, refused]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('is spoken of once when nobody answers, and wanted for ever', async () => {
    const world = createWorld();
    const a = searcher(world, 'a', { monitorTimeout: 5_000 });
    a.network.keep('b');
    world.clock.runFor(100_000);
    expect(a.warnings()).toEqual(['warn b is to stay connected, but is not: nobody answers']);
    const asked = a.asked.length;
    expect(asked).toBeGreaterThan(5);
    expect(a.cancelled.length).toBeGreaterThanOrEqual(asked - 1);
    world.clock.runFor(100_000);
    expect(a.asked.length).toBeGreaterThan(asked + 5);
    expect(a.warnings()).toHaveLength(1);
    a.close();
    expect(world.clock.pending).toBe(0);
  });

  it('may be connected by others', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { knows: {} });
    void a.network.listen(parseAddress('memory://a'));
    a.network.keep('b');
    world.clock.runFor(5_000);
    const b = await world.start('b', { seeds: ['memory://a'], monitorTimeout: 30_000 });
    world.clock.runFor(100);
    expect(a.kernel.peers.up()).toEqual(['b']);
    const asked = a.asked.length;
    world.clock.runFor(60_000);
    expect(a.asked).toHaveLength(asked);
    // gone, and kept all the same
    void b.close();
    world.clock.runFor(700);
    expect(a.asked).toHaveLength(asked + 1);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('may be connected already: the connection is kept from then on', async () => {
    const world = createWorld({ delay: 5 });
    await world.start('b', { monitorTimeout: 30_000 });
    const a = searcher(world, 'a', { knows: { b: ['memory://b'] } });
    a.mon('b');
    world.clock.runFor(1_000);
    a.network.keep('b');
    world.clock.runFor(60_000);
    expect([a.asked.length, a.links.length]).toEqual([1, 1]);
    world.network.cut('a', 'b');
    world.network.heal();
    world.clock.runFor(1_000);
    expect([a.asked.length, a.kernel.peers.up()]).toEqual([2, ['b']]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('is let go when it is dropped: the connection stays, but is not renewed', async () => {
    const world = createWorld({ delay: 5 });
    await world.start('b', { monitorTimeout: 30_000 });
    const a = searcher(world, 'a', { knows: { b: ['memory://b'] } });
    a.network.keep('b');
    world.clock.runFor(1_000);
    a.network.drop('b');
    a.network.drop('never kept');
    world.clock.runFor(1_000);
    expect(a.kernel.peers.up()).toEqual(['b']);
    world.network.cut('a', 'b');
    world.network.heal();
    world.clock.runFor(60_000);
    expect([a.asked.length, a.kernel.peers.up()]).toEqual([1, []]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('does not make a connection that breaks at once without end', async () => {
    const world = createWorld();
    const b = await world.start('b', { monitorTimeout: 30_000 });
    b.connections$.subscribe(() => {
      world.clock.after(1, () => {
        world.network.cut('a', 'b');
        world.network.heal();
      });
    });
    const a = searcher(world, 'a', { knows: { b: ['memory://b'] } });
    a.network.keep('b');
    world.clock.runFor(30_000);
    expect(a.links.length).toBeGreaterThan(30_000 / 700);
    expect(a.links.length).toBeLessThanOrEqual(30_000 / 300 + 1);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('both ends keep each other: one connection, also after every break', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = createWorld({ seed, delay: { min: 1, max: 80 } });
      const nodes = ['a', 'b'].map((id) => {
        const other = id === 'a' ? 'b' : 'a';
        const made = searcher(world, id, { knows: { [other]: [`memory://${other}`] } });
        void made.network.listen(parseAddress(`memory://${id}`));
        made.network.keep(other);
        return made;
      });
      for (let round = 0; round < 5; round++) {
        world.clock.runFor(5_000);
        expect(nodes.map(({ kernel }) => kernel.peers.up())).toEqual([['b'], ['a']]);
        expect(world.network.connections).toBe(1);
        world.network.cut('a', 'b');
        world.clock.runFor(round * 100);
        world.network.heal();
      }
      for (const node of nodes) node.close();
      await world.close();
      expect(world.clock.pending).toBe(0);
    }
  });

  it('is no more kept when the network has closed', async () => {
    const world = createWorld();
    const a = searcher(world, 'a', { knows: {} });
    a.network.keep('b');
    world.clock.runFor(1_000);
    a.close();
    a.network.keep('c');
    world.clock.runFor(0);
    expect([world.clock.pending, a.asked.some(([, node]) => node === 'c')]).toEqual([0, false]);
  });
});
