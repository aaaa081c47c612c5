import { map, merge } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MpNode, NodeOptions, Reason } from 'rxmp';
import { createWorld, type World } from './world.js';

/** A hub that two nodes have as seed, which do not know each other; everything takes 10 ms. */
async function strangers(options: NodeOptions = {}, ofHub: NodeOptions = {}): Promise<{ world: World; a: MpNode; b: MpNode }> {
  const world = createWorld({ delay: 10 });
  await world.start('hub', { global: true, ...ofHub });
  const a = await world.start('a', { seeds: ['memory://hub'], monitorTimeout: 10_000 });
  const b = await world.start('b', { seeds: ['memory://hub'], monitorTimeout: 10_000, ...options });
  world.clock.runFor(5_000);
  return { world, a, b };
}

const lost = (...details: readonly unknown[]): { readonly u: Reason } => ({ u: ['transport_error', ...details] });

describe('S19: a node that is not connected', () => {
  it('is found by the first message to it, and what is sent meanwhile arrives in order', async () => {
    const { world, a, b } = await strangers();
    const port = b.port();
    const seen: unknown[] = [];
    port.subscribe(([n]) => seen.push(n));
    expect(a.nodeIsUp('b')).toBeUndefined();
    world.draw(1_000, ({ play, expectObservable }) => {
      expectObservable(a.mon('b')).toBe('-');
      play('1 9ms 2 39ms 3 399ms 4', {
        1: () => a.snd(port.id, 1),
        2: () => a.snd(port.id, 2),
        3: () => a.snd(port.id, 3),
        4: () => expect([a.snd(port.id, 4), a.nodeIsUp('b')]).toEqual([true, true]),
      });
    });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('that nobody knows is unreachable as soon as the master has said so', async () => {
    const { world, a } = await strangers();
    world.draw(1_000, ({ expectObservable }) => {
      expectObservable(a.mon('nobody#port')).toBe('20ms (u|)', lost('nobody', 'no known address: it is not there, or it listens nowhere (it has no binds)'));
    });
  });

  it('that does not answer at its address is given up after monitorTimeout', async () => {
    const { world, a } = await strangers({}, { relay: false });
    world.network.silence('a', 'b');
    world.draw(12_000, ({ expectObservable }) => {
      expectObservable(a.mon('b')).toBe('10s (u|)', lost('b', 'connect timeout'));
    });
  });

  it('has a bounded queue: one message too many fails the attempt, and the next one starts another', async () => {
    const world = createWorld({ delay: 10 });
    const a = await world.start('a', { seeds: ['memory://b'], limits: { queueSize: 1_000 } });
    const b = await world.start('b');
    const port = b.port();
    world.draw(5_000, ({ play, expectObservable }) => {
      expectObservable(a.mon('b').pipe(map(([kind]) => kind))).toBe('5ms (t|)', { t: 'transport_error' });
      expectObservable(port.pipe(map(([text]) => text)), '^ 4s !').toBe('60ms s', { s: 'small' });
      play('5ms l 4ms s', {
        l: () => expect(a.snd(port.id, 'x'.repeat(2_000))).toBe(false),
        s: () => a.snd(port.id, 'small'),
      });
    });
  });
});

describe('S22: global nodes', () => {
  it('learn of each other by a third one, and connect again whenever they are lost', async () => {
    const world = createWorld({ delay: 10 });
    await world.start('hub', { global: true });
    const g = await world.start('g', { global: true, seeds: ['memory://hub'] });
    const h = await world.start('h', { global: true, seeds: ['memory://hub'] });
    world.clock.runFor(5_000);
    world.draw(20_000, ({ play, expectObservable }) => {
      const changes = merge(g.monNodes(), h.monNodes()).pipe(map(({ node, up }) => `${node} ${up ? 'up' : 'down'}`));
      expectObservable(changes, '^ 9s !').toBe('1s (ba)', { a: 'h down', b: 'g down' });
      play('1s c', { c: () => world.network.cut('g', 'h') });
      play('10s h 9s n', {
        h: () => world.network.heal(),
        n: () => expect([g.nodeIsUp('h'), h.nodeIsUp('g')]).toEqual([true, true]),
      });
    });
  });
});

describe('S23: a private node, which nobody can connect to', () => {
  it('is reached by others through a node that both are connected with', async () => {
    const { world, a, b } = await strangers({ binds: [] });
    const port = b.port<[string]>();
    port.subscribe();
    // the first connection waits a moment by chance
    a.snd(port.id, 'hello');
    world.clock.runFor(1_000);
    world.draw(500, ({ expectObservable, play }) => {
      expectObservable(port.pipe(map(([text]) => text))).toBe('20ms p', { p: 'ping' });
      expectObservable(a.mon('b')).toBe('-');
      play('s', { s: () => a.snd(port.id, 'ping') });
    });
  });

  it('is out of reach where that node passes nothing on; monitors tell', async () => {
    const world = createWorld({ delay: 10 });
    await world.start('hub', { global: true, relay: false });
    const [a, b] = [await world.start('a', { binds: [], seeds: ['memory://hub'] }), await world.start('b', { binds: [], seeds: ['memory://hub'] })];
    world.clock.runFor(5_000);
    expect(b.nodeIsUp('hub')).toBe(true);
    const reasons: Reason[] = [];
    a.mon('b').subscribe((reason) => reasons.push(reason));
    world.clock.runFor(100);
    expect(reasons).toEqual([lost('b', 'cannot connect to via:hub#b: hub: it passes nothing on (relay: false)').u]);
    await world.close();
  });

  it('is talked to by the nodes that it has connected to', async () => {
    const { world, a, b } = await strangers({ binds: [] });
    const [toA, toB] = [a.port(), b.port()];
    const echo = toB.subscribe(() => b.snd(toA.id, 'pong'));
    b.mon(toA.id, () => echo.unsubscribe());
    world.clock.runFor(1_000);
    world.draw(100, ({ play, expectObservable }) => {
      expectObservable(toA.pipe(map(([text]) => text))).toBe('20ms p', { p: 'pong' });
      play('s', { s: () => a.snd(toB.id, 'ping') });
    });
  });
});
