import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Link } from '../../../src/transport/link.js';
import { puppet } from './puppet.js';
import { always, searcher } from './searcher.js';

const DELAY = 5;
/** Connect, greeting, proof and the answer to it: there and back, twice, at the least. */
const HANDSHAKE = 6 * DELAY;

/** A world with some nodes that wait to be found. */
async function worldWith(...hosts: string[]) {
  const world = createWorld({ delay: DELAY });
  for (const host of hosts) await world.start(host, { monitorTimeout: 30_000 });
  return world;
}

describe('S14, S19: a node that somebody wants to talk to', () => {
  it('is looked up in the database, connected, and gets what waited', async () => {
    const world = createWorld({ delay: DELAY });
    const b = await world.start('b');
    const a = searcher(world, 'a', { knows: { b: ['memory://b'] } });
    const got: unknown[] = [];
    const port = b.port((text: string) => got.push([world.clock.now(), text]));
    const deaths = a.mon('b');
    a.kernel.snd(port.id, ['hello']);
    expect([a.asked, a.dialed]).toEqual([[], []]);
    world.clock.runFor(0);
    expect(a.asked).toEqual([[0, 'b']]);
    world.clock.runFor(50 + HANDSHAKE);
    expect([got, deaths, a.kernel.peers.up()]).toEqual([[[expect.any(Number), 'hello']], [], ['b']]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it.each([['null', null], ['an empty list', []]])('is unreachable as soon as the answer is %s, yet never inside the call', async (_what, answer) => {
    const world = await worldWith();
    const a = searcher(world, 'a');
    const deaths = a.mon('b');
    world.clock.runFor(700);
    expect(deaths).toEqual([]);
    a.answer('b', answer);
    world.clock.runFor(0);
    expect(deaths).toEqual([[700, 'transport_error', 'b', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
    expect(world.clock.pending).toBe(0);
    a.close();
  });

  it('is not given up inside the call when the answer is there at once', async () => {
    const world = await worldWith();
    const a = searcher(world, 'a', { knows: {} });
    const deaths = a.mon('b');
    expect(deaths).toEqual([]);
    world.clock.runFor(0);
    expect(deaths).toEqual([[0, 'transport_error', 'b', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
    a.close();
  });

  it('is asked for anew each time', async () => {
    const world = await worldWith('b');
    const a = searcher(world, 'a');
    a.mon('b');
    world.clock.runFor(100);
    a.answer('b', null);
    world.clock.runFor(100);
    a.mon('b');
    a.mon('b');
    world.clock.runFor(100);
    a.answer('b', ['memory://b']);
    world.clock.runFor(1_000);
    expect([a.asked, a.kernel.peers.up()]).toEqual([[[0, 'b'], [200, 'b']], ['b']]);
    a.close();
    await world.close();
  });

  it('is given up after monitorTimeout when nobody answers; nothing stays behind', async () => {
    const world = await worldWith();
    const a = searcher(world, 'a');
    const deaths = a.mon('b');
    world.clock.runFor(29_999);
    expect([deaths, a.cancelled]).toEqual([[], []]);
    world.clock.runFor(1);
    expect(deaths).toEqual([[30_000, 'transport_error', 'b', 'connect timeout']]);
    expect([a.cancelled, world.clock.pending]).toEqual([['b'], 0]);
    // too late
    a.answer('b', ['memory://b']);
    world.clock.runFor(1_000);
    expect([a.dialed, world.clock.pending]).toEqual([[], 0]);
    a.close();
  });

  it('is given up after monitorTimeout when its addresses hang', async () => {
    const world = await worldWith('h1', 'h2');
    for (const host of ['h1', 'h2']) world.network.silence('a', host);
    const a = searcher(world, 'a', { knows: { b: ['memory://h1', 'memory://h2'] }, monitorTimeout: 9_000 });
    const deaths = a.mon('b');
    world.clock.runFor(60_000);
    expect(deaths).toEqual([[9_000, 'transport_error', 'b', 'connect timeout']]);
    expect([a.dialed.length, world.clock.pending]).toEqual([2, 0]);
    a.close();
    await world.close();
  });
});

describe('S19: of several addresses', () => {
  it('one that hangs does not keep others waiting for longer than connect_interval, and is given up then', async () => {
    for (const octet of [0, 90, 255]) {
      const world = await worldWith('b', 'h');
      world.network.silence('a', 'h');
      const knows = { b: ['memory://h', 'memory://b'] };
      const a = searcher(world, 'a', { knows, chance: always(octet) });
      const deaths = a.mon('b');
      world.clock.runFor(50 + 2_000 + HANDSHAKE);
      expect([a.kernel.peers.up(), deaths, world.network.connections]).toEqual([['b'], [], 1]);
      world.clock.runFor(20_000);
      world.network.heal();
      world.clock.runFor(20_000);
      expect([a.kernel.peers.up(), world.network.connections, a.links.length]).toEqual([['b'], 1, 1]);
      a.close();
      await world.close();
      expect(world.clock.pending).toBe(0);
    }
  });

  it('those that are refused or cannot be used here let the next have its turn at once', async () => {
    const world = await worldWith('b');
    const bad = ['memory://nobody', 'memory://nowhere', 'ws://127.0.0.1:1', 'wss://x/y', '127.0.0.1:4040', 'unix/:/tmp/x', 'a b', ''];
    const a = searcher(world, 'a', { knows: { b: [...bad, 'memory://b'] } });
    const deaths = a.mon('b');
    world.clock.runFor(50 + 2 * DELAY + HANDSHAKE);
    expect([a.kernel.peers.up(), deaths, a.warnings()]).toEqual([['b'], [], []]);
    a.close();
    await world.close();
  });

  it('none may be left: the monitors tell what was wrong, at once', async () => {
    const world = await worldWith();
    const a = searcher(world, 'a', { knows: { b: ['memory://nobody', 'a b', 'ws://host:1'] } });
    const deaths = a.mon('b');
    world.clock.runFor(50 + DELAY);
    expect(deaths).toEqual([
      [
        expect.any(Number),
        'transport_error',
        'b',
        '"a b" is no address: expected host:port, *:port, [::1]:port, ws://host:port or memory://name; ' +
          '"ws://host:1": no transport for "ws" here, only for memory; ' +
          'cannot connect to memory://nobody: nothing listens on memory://nobody',
      ],
    ]);
    expect([a.warnings(), world.clock.pending]).toEqual([[], 0]);
    a.close();
  });

  it('a stale one, where another node listens now, has failed; the connection with that node stays', async () => {
    const world = await worldWith('c');
    const a = searcher(world, 'a', { knows: { b: ['memory://c'] } });
    const deaths = a.mon('b');
    world.clock.runFor(1_000);
    expect(deaths).toEqual([[expect.any(Number), 'transport_error', 'b', 'memory://c is c, not b']]);
    expect([a.kernel.peers.up(), world.network.connections]).toEqual([['c'], 1]);
    // the second time that node is connected already
    const again = a.mon('b');
    world.clock.runFor(10_000);
    expect(again).toEqual([[expect.any(Number), 'transport_error', 'b', 'memory://c is c, not b']]);
    expect([a.kernel.peers.up(), a.changes]).toEqual([['c'], ['c up']]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('a stale one does not stop the others', async () => {
    for (const octet of [0, 255]) {
      const world = await worldWith('b', 'c');
      const a = searcher(world, 'a', { knows: { b: ['memory://c', 'memory://b'] }, chance: always(octet) });
      const deaths = a.mon('b');
      world.clock.runFor(50 + 2 * HANDSHAKE);
      expect([a.kernel.peers.up().includes('b'), deaths]).toEqual([true, []]);
      a.close();
      await world.close();
    }
  });

  it('one that leads to this node itself has failed', async () => {
    const world = await worldWith();
    const a = searcher(world, 'a', { knows: { b: ['memory://a'] } });
    void a.network.listen(parseAddress('memory://a'));
    const deaths = a.mon('b');
    world.clock.runFor(1_000);
    expect(deaths).toEqual([[expect.any(Number), 'transport_error', 'b', expect.stringMatching(/^memory:\/\/a: .*myself/)]]);
    expect([a.kernel.peers.up(), a.warnings(), world.network.connections]).toEqual([[], [], 0]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('S19: a search ends and leaves nothing behind', () => {
  it('when the node comes by itself; its connection stays', async () => {
    const world = await worldWith('h');
    world.network.silence('a', 'h');
    const a = searcher(world, 'a');
    void a.network.listen(parseAddress('memory://a'));
    const deaths = a.mon('b');
    world.clock.runFor(10);
    const links: Link[] = [];
    puppet(world, world.network.transport('b'), 'memory://a', { id: 'b' }).subscribe((link) => links.push(link));
    world.clock.runFor(HANDSHAKE);
    expect([a.kernel.peers.up(), a.cancelled]).toEqual([['b'], ['b']]);
    a.answer('b', ['memory://h']);
    world.clock.runFor(3_000);
    expect([a.dialed, deaths, a.kernel.peers.up()]).toEqual([[], [], ['b']]);
    links[0]?.leave(1_000);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it.each(['while the database thinks', 'while an address hangs'])('when the queue is too long, %s', async (when) => {
    const world = await worldWith('h');
    world.network.silence('a', 'h');
    const a = searcher(world, 'a', { queueSize: 1_000 });
    const deaths = a.mon('b');
    world.clock.runFor(10);
    if (when.endsWith('hangs')) a.answer('b', ['memory://h', 'memory://h2', 'memory://h3']);
    world.clock.runFor(100);
    expect(world.clock.pending).toBeGreaterThan(0);
    a.kernel.snd('b#port', ['x'.repeat(2_000)]);
    expect(world.clock.pending).toBe(0);
    world.clock.runFor(0);
    expect(deaths).toEqual([[110, 'transport_error', 'b', expect.stringContaining('the queue is too long')]]);
    world.network.heal();
    world.clock.runFor(10_000);
    expect([world.network.connections, a.kernel.peers.up()]).toEqual([0, []]);
    a.close();
    await world.close();
  });

  it.each(['network', 'kernel'] as const)('when the %s closes', async (part) => {
    const world = await worldWith('h');
    world.network.silence('a', 'h');
    const a = searcher(world, 'a', { monitorTimeout: Infinity });
    a.mon('b');
    a.mon('c');
    world.clock.runFor(10);
    a.answer('b', ['memory://h', 'memory://h2']);
    world.clock.runFor(100);
    a[part].close(1_000);
    expect([a.cancelled.sort(), world.clock.pending]).toEqual([['b', 'c'], 0]);
    a.mon('d');
    world.clock.runFor(1_000);
    expect([a.asked.map(([, node]) => node), world.clock.pending]).toEqual([['b', 'c'], 0]);
    a.close();
    await world.close();
  });
});

describe('S19, S21: seeds and the database', () => {
  it('are asked together, and the first that leads to the node wins', async () => {
    const world = await worldWith();
    // refused, so the seed pauses
    const a = searcher(world, 'a', { seeds: ['memory://b'], knows: { b: ['memory://elsewhere'] } });
    a.network.start();
    world.clock.runFor(100);
    await world.start('b', { binds: ['memory://elsewhere'] });
    const wanted = world.clock.now();
    const deaths = a.mon('b');
    world.clock.runFor(50 + HANDSHAKE);
    expect([a.kernel.peers.up(), deaths]).toEqual([['b'], []]);
    expect(a.dialed.slice(1).map(([, address]) => address)).toEqual(['memory://b', 'memory://elsewhere']);
    // the seed's pause has ended for it
    expect(a.dialed[1]).toEqual([wanted, 'memory://b']);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('may both have the right address: that makes one connection', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const world = createWorld({ seed, delay: { min: 0, max: 60 } });
      const hub = await world.start('hub', { monitorTimeout: 30_000 });
      // on either side of the hub in order, since that decides who lets whom in
      const id = seed % 2 === 0 ? 'a' : 'z';
      const a = searcher(world, id, { seeds: ['memory://hub'], knows: { hub: ['memory://hub', 'memory://nobody'] } });
      a.network.start();
      const deaths = a.mon('hub');
      const got: unknown[] = [];
      const port = hub.port((n: number) => got.push(n));
      for (let n = 0; n < 10; n++) world.clock.after(n * 20, () => { a.kernel.snd(port.id, [n]); });
      world.clock.runFor(20_000);
      expect([deaths, got, world.network.connections]).toEqual([[], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1]);
      expect([hub.upNodes(), a.changes]).toEqual([[id], ['hub up']]);
      a.close();
      await world.close();
      expect(world.clock.pending).toBe(0);
    }
  });

  it.each([
    ['the database knows no address', null, 'no known address: it is not there, or it listens nowhere (it has no binds)'],
    ['no address leads there', ['memory://nobody'], 'cannot connect to memory://nobody: nothing listens on memory://nobody'],
  ])('must both have failed: %s, and then the seed turns out to be another node', async (_what, answer, reason) => {
    const world = await worldWith();
    const a = searcher(world, 'a', { seeds: ['memory://s'], knows: { b: answer } });
    a.network.start();
    const deaths = a.mon('b');
    world.clock.runFor(5_000);
    expect(deaths).toEqual([]);
    const started = world.clock.now();
    await world.start('s', { monitorTimeout: 30_000 });
    world.clock.runFor(10_000);
    expect(a.reached).toEqual([[expect.any(Number), 's']]);
    expect(a.reached[0]![0]).toBeGreaterThan(started);
    expect(deaths).toEqual([[a.reached[0]![0], 'transport_error', 'b', reason]]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('must both have failed: the seed is another node, and then the database answers', async () => {
    const world = await worldWith('s');
    const a = searcher(world, 'a', { seeds: ['memory://s'] });
    a.network.start();
    const deaths = a.mon('b');
    world.clock.runFor(5_000);
    expect([a.kernel.peers.up(), deaths]).toEqual([['s'], []]);
    a.answer('b', null);
    world.clock.runFor(0);
    expect(deaths).toEqual([[5_000, 'transport_error', 'b', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
    a.close();
    await world.close();
  });

  it('must both have failed: a seed that may be the node is waited for until monitorTimeout', async () => {
    const world = await worldWith();
    const a = searcher(world, 'a', { seeds: ['memory://s'], knows: {} });
    a.network.start();
    const deaths = a.mon('b');
    world.clock.runFor(60_000);
    expect(deaths).toEqual([[30_000, 'transport_error', 'b', 'connect timeout']]);
    a.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('S17, S19: two nodes that look for each other at the same time', () => {
  let collisions = 0;
  let overlaps = 0;
  const ways = [{ min: 0, max: 3 }, { min: 1, max: 50 }, { min: 1, max: 700 }, { min: 300, max: 1_500 }];
  it.each(Array.from({ length: 80 }, (_, n) => n))('end with one connection, no monitor fired, no message lost: trial %i', async (seed) => {
    const world = createWorld({ seed, delay: ways[seed % ways.length]! });
    // two addresses each, so that attempts overlap where the way is long
    const places = (id: string): string[] => [`memory://${id}`, `memory://${id}2`];
    const make = (id: string, other: string) => {
      const made = searcher(world, id, { knows: { [other]: places(other) } });
      for (const place of places(id)) void made.network.listen(parseAddress(place));
      const got: unknown[] = [];
      const port = made.kernel.createPort();
      made.kernel.ports.setHandler(port, 'default', (n: unknown) => got.push(n));
      return { ...made, got, port, deaths: [] as unknown[] };
    };
    const [a, b] = [make('a', 'b'), make('b', 'a')];
    world.clock.runFor(0);
    a.deaths = a.mon('b');
    world.clock.runFor((seed * 7) % 60);
    b.deaths = b.mon('a');
    for (let n = 0; n < 50; n++) {
      world.clock.after(n * 40, () => {
        a.kernel.snd(b.port.id, [n]);
        b.kernel.snd(a.port.id, [n]);
      });
    }
    world.clock.runFor(29_000);
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    expect({ got: a.got, deaths: a.deaths, changes: a.changes }).toEqual({ got: numbers, deaths: [], changes: ['b up'] });
    expect({ got: b.got, deaths: b.deaths, changes: b.changes }).toEqual({ got: numbers, deaths: [], changes: ['a up'] });
    expect(world.network.connections).toBe(1);
    if (a.dialed.length > 0 && b.dialed.length > 0) collisions++;
    if (a.dialed.length + b.dialed.length > 2) overlaps++;
    a.close();
    b.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('in many of these trials there really were several attempts at a time', () => {
    expect([collisions > 40, overlaps > 10]).toEqual([true, true]);
  });
});
