import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Random, Transport } from 'rxmp';
import { createWorld } from './world.js';

/** Gives the same octet for ever; as a fraction 0 is 0, and 128 a little over a half. */
const always = (octet: number): Random => ({ octets: (count) => new Uint8Array(count).fill(octet) });

/** A transport on which every connect is noted and fails. */
function deadEnd(note: (time: number) => void, now: () => number): Transport {
  return {
    schemes: ['memory'],
    listen: () => new Observable(),
    connect: () =>
      new Observable((subscriber) => {
        note(now());
        subscriber.error(new Error('nobody there'));
      }),
  };
}

describe('S21: seeds are kept connected', () => {
  it.each([
    [0, [0, 600, 1_200, 2_400, 4_800, 5_000, 5_000]],
    [128, [0, 901, 1_802, 3_605, 5_000, 5_000, 5_000]],
  ])('at once, then after (1 + chance) × 600 ms, doubling up to monitorTimeout: chance %i/256', async (octet, pauses) => {
    const world = createWorld();
    const times: number[] = [];
    const node = await world.start('a', {
      binds: [],
      seeds: ['memory://nowhere'],
      monitorTimeout: 5_000,
      // a node id of its own, since ids are made of chance too
      nodeid: 'a',
      random: { octets: (count) => (count === 4 ? always(octet).octets(4) : world.random.octets(count)) },
      transports: [deadEnd((time) => times.push(time), () => world.clock.now())],
    });
    world.clock.runFor(25_000);
    expect(times.slice(0, pauses.length).map((time, i) => Math.round(time - (times[i - 1] ?? 0)))).toEqual(pauses);
    await world.close();
    expect([node.upNodes(), world.clock.pending]).toEqual([[], 0]);
  });

  it('a seed that comes late is found, one that goes is found again', async () => {
    const world = createWorld({ delay: 5 });
    const node = await world.start('a', { seeds: ['memory://hub'] });
    world.clock.runFor(10_000);
    expect(node.upNodes()).toEqual([]);
    const hub = await world.start('hub');
    world.clock.runFor(2_000);
    expect(node.upNodes()).toEqual(['hub']);
    void hub.close();
    world.clock.runFor(10_000);
    expect(node.upNodes()).toEqual([]);
    await world.start('hub');
    world.clock.runFor(2_000);
    expect(node.upNodes()).toEqual(['hub']);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('the pause is short again after a success', async () => {
    const world = createWorld({ delay: 5 });
    await world.start('hub');
    const node = await world.start('a', { seeds: ['memory://hub'], monitorTimeout: 60_000 });
    world.clock.runFor(1_000);
    for (let round = 0; round < 5; round++) {
      world.network.cut('a', 'hub');
      world.network.heal();
      world.clock.runFor(1_300);
      expect(node.upNodes()).toEqual(['hub']);
    }
    await world.close();
  });

  it('a node that is its own seed drops it, and keeps the others', async () => {
    const world = createWorld({ delay: 5 });
    await world.start('b');
    const node = await world.start('a', { seeds: ['memory://a', 'memory://b'] });
    world.clock.runFor(10_000);
    expect(node.log.lines.filter((line) => line.includes('is this node itself: dropped'))).toHaveLength(1);
    expect(node.log.lines.filter((line) => line.includes('seed memory://a is not connected'))).toEqual([]);
    expect([node.upNodes(), world.network.connections]).toEqual([['b'], 1]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('a node that nobody can be is unreachable as soon as all seeds are known to be others', async () => {
    const world = createWorld({ delay: 5 });
    await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'], monitorTimeout: 30_000 });
    world.draw(1_000, ({ expectObservable }) => {
      // the seed may be "c" until it has introduced itself, and then it is asked: connect, greetings, and question, 5 ms each way
      expectObservable(a.mon('c')).toBe('30ms (u|)', { u: ['transport_error', 'c', 'no known address: it is not there, or it listens nowhere (it has no binds)'] });
    });
  });
});
