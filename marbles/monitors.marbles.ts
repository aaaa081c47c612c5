import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Reason } from 'rxmp';
import { createWorld } from './world.js';

const killed: Reason = [];
const broken: Reason = ['broken', 'leg'];

describe('the three kinds of monitor (S12)', () => {
  it('a callback, or a stream, tells every death; a normal kill has the reason []', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [one, two] = [node.port(), node.port()];
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(one)).toBe('--(k|)', { k: killed });
      expectObservable(node.mon(two)).toBe('----(b|)', { b: broken });
      play('                                --1-2', {
        1: () => node.kil(one),
        2: () => node.kil(two, ...broken),
      });
    });
  });

  it('a message is sent with the reason at its end, after every death', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [one, two, keeper] = [node.port(), node.port(), node.port()];
    node.mon(one, keeper, 'lost', 1);
    node.mon(two, keeper, 'lost', 2);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(keeper).toBe('--a-b', { a: ['lost', 1], b: ['lost', 2, 'broken', 'leg'] });
      play('                         --1-2', {
        1: () => node.kil(one),
        2: () => node.kil(two, ...broken),
      });
    });
  });

  it('a link kills the other port with the same reason, but only when the death was abnormal', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [one, two, linked] = [node.port(), node.port(), node.port()];
    node.mon(one, linked);
    node.mon(two, linked);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(linked)).toBe('----(b|)', { b: broken });
      play('                                   --1-2', {
        1: () => node.kil(one),
        2: () => node.kil(two, ...broken),
      });
    });
  });

  it('link() links the port whose code runs', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const master = node.port();
    const slave = node.port(() => node.link(master));
    node.snd(slave, 'link yourself');
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(slave)).toBe('---(b|)', { b: broken });
      play('                                  ---k', { k: () => node.kil(master, ...broken) });
    });
    expect(() => node.link(master)).toThrow('link can only be called by code of a port');
  });

  it('a chain of links over three nodes dies one after the other, each as far away as the network is', async () => {
    const world = createWorld({ delay: 10 });
    const hub = await world.start('hub');
    const a = await world.start('a', { seeds: ['memory://hub'] });
    const b = await world.start('b', { seeds: ['memory://hub'] });
    const [first, second, third] = [a.port(), hub.port(), b.port()];
    world.clock.runFor(500);
    hub.mon(first.id, second);
    b.mon(second.id, third);
    world.clock.runFor(50);
    world.draw(60, ({ play, expectObservable }) => {
      expectObservable(a.mon(first)).toBe('   5ms (b|)', { b: broken });
      expectObservable(hub.mon(second)).toBe('15ms (b|)', { b: broken });
      expectObservable(b.mon(third)).toBe('   25ms (b|)', { b: broken });
      play('                                  5ms k', { k: () => a.kil(first, ...broken) });
    });
  });
});

describe('a monitor fires once (S11)', () => {
  it('and not at all when it was unsubscribed before', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(port)).toBe('         -----(b|)', { b: broken });
      expectObservable(node.mon(port), '^--!').toBe('-');
      expectObservable(node.mon(port), '^----!').toBe('-');
      play('                                          -----kk', { k: () => node.kil(port, ...broken) });
    });
  });

  it('unsubscribing takes it away at the other node too', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const port = b.port();
    world.clock.runFor(500);
    world.draw(100, ({ play, expectObservable }) => {
      expectObservable(a.mon(port.id), '^ 30ms !').toBe('-');
      play('                                 50ms k', { k: () => b.kil(port, ...broken) });
    });
    // nobody watched it any more, over there
    expect(b.log.lines).toContain(`warn unmonitored port ${port.id} died: broken: leg`);
  });

  it('monGuard unsubscribes what belongs to a port when it dies', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [port, ticks] = [node.port(), node.port()];
    world.draw(20, ({ cold, play, expectObservable }) => {
      const source = cold('-1-2-3-4').subscribe((n) => node.snd(ticks, n));
      node.monGuard(port, source);
      expectObservable(ticks.pipe(map(([n]) => n))).toBe('-1-2');
      play('                                              ----k', { k: () => node.kil(port) });
    });
  });
});

describe('monitors and other nodes', () => {
  it('S13: a lost connection fires the monitors of all ports of the node, and of the node itself', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const port = b.port();
    world.clock.runFor(500);
    world.draw(100, ({ play, expectObservable }) => {
      const lost = { l: ['transport_error', 'b', 'connection with memory://b failed: the network was cut'] as const };
      expectObservable(a.mon(port.id)).toBe('50ms (l|)', lost);
      expectObservable(a.mon('b')).toBe('    50ms (l|)', lost);
      play('                                 50ms c', { c: () => world.network.cut('a', 'b') });
    });
  });

  it('S14: monitoring a port of a node that is not connected makes the node connect, and holds when it is', async () => {
    const world = createWorld({ delay: 10 });
    const a = await world.start('a', { seeds: ['memory://b'], monitorTimeout: 5_000 });
    const deaths: unknown[] = [];
    a.mon('b', (...reason) => deaths.push(reason));
    expect(a.nodeIsUp('b')).toBe(false);
    await world.start('b');
    world.clock.runFor(20_000);
    expect([a.nodeIsUp('b'), deaths]).toEqual([true, []]);
    await world.close();
    expect(deaths).toEqual([]);
  });

  it('S13: giving up on connecting fires them, after monitorTimeout', async () => {
    const world = createWorld({ delay: 10 });
    const a = await world.start('a', { seeds: ['memory://b'], monitorTimeout: 2_000 });
    world.draw(3_000, ({ expectObservable }) => {
      expectObservable(a.mon('b#port')).toBe('2s (t|)', { t: ['transport_error', 'b', 'connect timeout'] });
    });
  });

  it('S3, S14: the answer for a port that is not there takes one way to the node and back', async () => {
    const world = createWorld({ delay: 10 });
    await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    world.clock.runFor(500);
    world.draw(100, ({ expectObservable }) => {
      const values = { n: ['no_such_port', 'cannot monitor nonexistent port', 'b#nobody'] as const };
      expectObservable(a.mon('b#nobody')).toBe('20ms (n|)', values);
    });
  });
});
