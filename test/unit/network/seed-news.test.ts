import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { parseAddress } from '../../../src/transport/address.js';
import { searcher } from './searcher.js';

describe('S21: what the floors above learn of seeds', () => {
  it('each time one is connected, and the ids of those that are known, in their order', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { seeds: ['memory://one', 'memory://two', 'memory://two-again'], knows: {} });
    expect([a.network.hasSeeds, a.network.seedNodes()]).toEqual([true, []]);
    a.network.start();
    await world.start('two', { binds: ['memory://two', 'memory://two-again'], monitorTimeout: 30_000 });
    world.clock.runFor(5_000);
    expect(a.network.seedNodes()).toEqual(['two']);
    await world.start('one', { monitorTimeout: 30_000 });
    world.clock.runFor(60_000);
    expect(a.network.seedNodes()).toEqual(['one', 'two']);
    // both seeds that are one node tell of it
    expect(a.reached.map(([, node]) => node).sort()).toEqual(['one', 'two', 'two']);
    world.network.cut('a', 'one');
    world.network.heal();
    const cut = world.clock.now();
    world.clock.runFor(1_300);
    expect(a.reached.slice(3)).toEqual([[expect.any(Number), 'one']]);
    expect(a.reached[3]![0]).toBeGreaterThanOrEqual(cut + 600);
    // it stays a seed while it is away
    world.network.cut('a', 'one');
    world.clock.runFor(5_000);
    expect([a.kernel.peers.up(), a.network.seedNodes()]).toEqual([['two'], ['one', 'two']]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('is told while the connection is there, so that what is sent then goes there', async () => {
    const world = createWorld({ delay: 5 });
    const hub = await world.start('hub', { monitorTimeout: 30_000 });
    const got: unknown[] = [];
    const port = hub.port((text: string) => got.push(text));
    const a = searcher(world, 'a', { seeds: ['memory://hub'], onReached: () => a.kernel.snd(port.id, ['hello']) });
    a.network.start();
    world.clock.runFor(1_000);
    expect([got, a.asked]).toEqual([['hello'], []]);
    a.close();
    await world.close();
  });

  it('also when the seed itself has made the connection', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { seeds: ['memory://hub'] });
    const hub = searcher(world, 'hub', { knows: { a: ['memory://a'] } });
    void a.network.listen(parseAddress('memory://a'));
    void hub.network.listen(parseAddress('memory://hub'));
    a.network.start();
    world.clock.runFor(1_000);
    expect(a.reached).toHaveLength(1);
    world.network.cut('a', 'hub');
    world.network.heal();
    // faster than the seed's pause
    hub.mon('a');
    world.clock.runFor(599);
    expect([a.kernel.peers.up(), a.links.at(-1)?.initiator, a.reached.length]).toEqual([['hub'], false, 1]);
    world.clock.runFor(601);
    expect([a.reached.length, a.reached[1]?.[1], a.dialed.length, a.links.length]).toEqual([2, 'hub', 1, 2]);
    a.close();
    hub.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('this node itself is none', async () => {
    const world = createWorld({ delay: 5 });
    const a = searcher(world, 'a', { seeds: ['memory://a'] });
    void a.network.listen(parseAddress('memory://a'));
    world.clock.runFor(0);
    expect(a.network.hasSeeds).toBe(true);
    a.network.start();
    world.clock.runFor(1_000);
    expect([a.changes, a.network.hasSeeds, a.network.seedNodes(), a.reached]).toEqual([['self memory://a'], false, [], []]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});
