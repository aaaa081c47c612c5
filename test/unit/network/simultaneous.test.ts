import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNode } from '../../../src/node.js';
import type { MpNode } from '../../../src/mp-node.js';
import { createWorld, recordedLog } from '../../../marbles/world.js';
import { claimPort } from '../../fixtures/port.js';

/** A node as one end of the trial. */
function watched<N extends MpNode>(node: N, other: string) {
  const got: unknown[] = [];
  const deaths: unknown[] = [];
  let up = 0;
  const port = node.rcv(node.port(), { n: (n: number) => got.push(n) });
  node.mon(other, (...reason) => deaths.push(reason));
  node.connections$.subscribe(({ status$ }) => {
    status$.subscribe(({ status }) => (up += status === 'up' ? 1 : -1));
  });
  return {
    node,
    port,
    got,
    deaths,
    get up() {
      return up;
    },
  };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('S17: two nodes that connect to each other at the same time', () => {
  let collisions = 0;
  it.each(numbers(200))('end with one connection, no monitor fired, no message lost: trial %i', async (seed) => {
    const ways = [{ min: 0, max: 3 }, { min: 1, max: 50 }, { min: 1, max: 700 }, 5];
    const world = createWorld({ seed, delay: ways[seed % ways.length]! });
    const a = watched(await world.start('a', { seeds: ['memory://b'], monitorTimeout: 20_000 }), 'b');
    // between the two starts anything may happen, also nothing
    world.clock.runFor((seed * 7) % 40);
    const b = watched(await world.start('b', { seeds: ['memory://a'], monitorTimeout: 20_000 }), 'a');
    for (const n of numbers(100)) {
      world.clock.after(n * 20, () => {
        a.node.snd(b.port.id, 'n', n);
        b.node.snd(a.port.id, 'n', n);
      });
    }
    world.clock.runFor(60_000);
    expect({ got: a.got, deaths: a.deaths, up: a.up }).toEqual({ got: numbers(100), deaths: [], up: 1 });
    expect({ got: b.got, deaths: b.deaths, up: b.up }).toEqual({ got: numbers(100), deaths: [], up: 1 });
    if (b.node.log.lines.some((text) => text.includes('the nodes are connected already'))) collisions++;
    expect(world.network.connections).toBe(1);
    expect([a, b].map(({ node }) => node.upNodes())).toEqual([['b'], ['a']]);
    await world.close();
    expect({ timers: world.clock.pending, connections: world.network.connections }).toEqual({ timers: 0, connections: 0 });
  });

  it('in most of these trials there really were two connections at first', () => {
    expect(collisions).toBeGreaterThan(50);
  });

  it.each(numbers(20))('stay with one connection when the network breaks again and again: trial %i', async (seed) => {
    const world = createWorld({ seed, delay: { min: 1, max: 60 } });
    const a = watched(await world.start('a', { seeds: ['memory://b'] }), 'b');
    const b = watched(await world.start('b', { seeds: ['memory://a'] }), 'a');
    for (const n of numbers(10)) {
      world.clock.after(5_000 + n * 3_000 + seed * 13, () => {
        world.network.cut('a', 'b');
      });
      world.clock.after(6_000 + n * 3_000 + seed * 17, () => {
        world.network.heal();
      });
    }
    world.clock.runFor(60_000);
    expect([a.up, b.up, world.network.connections]).toEqual([1, 1, 1]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('S17 over TCP', () => {
  const nodes: MpNode[] = [];
  const start = async (nodeid: string, binds: string[], seeds: string[]): Promise<MpNode> => {
    const node = await createNode({ nodeid, binds, seeds, secret: 's', log: recordedLog() });
    nodes.push(node);
    return node;
  };
  afterAll(async () => {
    for (const node of nodes) await node.close();
  });

  // each node has to know the other's before it starts
  let addresses: readonly [string, string];
  beforeAll(async () => {
    addresses = [`127.0.0.1:${await claimPort()}`, `127.0.0.1:${await claimPort()}`];
  });

  it.each(numbers(50))('trial %i', async () => {
    const [here, there] = addresses;
    const [first, second] = await Promise.all([start('a', [here], [there]), start('b', [there], [here])]);
    const [a, b] = [watched(first, 'b'), watched(second, 'a')];
    for (const n of numbers(100)) {
      a.node.snd(b.port.id, 'n', n);
      b.node.snd(a.port.id, 'n', n);
      if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => [a.got.length, b.got.length], { timeout: 10_000, interval: 5 }).toEqual([100, 100]);
    expect([a.got, b.got]).toEqual([numbers(100), numbers(100)]);
    expect([a.deaths, b.deaths, a.up, b.up]).toEqual([[], [], 1, 1]);
    await Promise.all([first.close(), second.close()]);
  });
});
