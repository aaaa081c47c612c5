import { map, merge } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createWorld } from './world.js';

describe('S17: two nodes that connect to each other at the same time', () => {
  it('end with the same one connection, without firing a monitor or losing a message', async () => {
    const world = createWorld({ delay: 10 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const b = await world.start('b', { seeds: ['memory://a'] });
    // the connect of a was refused before b was there; both try at the same moment from here on
    world.clock.runFor(0);
    const [toA, toB] = [a.port(), b.port()];
    world.draw(10_000, ({ play, expectObservable }) => {
      expectObservable(merge(a.mon('b'), b.mon('a'))).toBe('-');
      expectObservable(toA.pipe(map(([n]) => n)), '^ 2s !').toBe('50ms (12) 116ms 3', { 1: '1', 2: '2', 3: '3' });
      play('1 9ms 2 149ms 3', {
        1: () => [a.snd(toB.id, '1'), b.snd(toA.id, '1')],
        2: () => [a.snd(toB.id, '2'), b.snd(toA.id, '2')],
        3: () => [a.snd(toB.id, '3'), b.snd(toA.id, '3')],
      });
    });
  });
});

describe('S18: one node id, one live node', () => {
  it('a second live node is refused, the first goes on', async () => {
    const world = createWorld({ delay: 10 });
    const hub = await world.start('hub');
    await world.start('x', { seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    const second = await world.start('y', { nodeid: 'x', seeds: ['memory://hub'] });
    world.draw(5_000, ({ expectObservable }) => {
      expectObservable(hub.mon('x')).toBe('-');
      expectObservable(second.monNodes()).toBe('-');
    });
    expect(second.log.lines).toContain('error seed memory://hub is not connected: refused: another live node has our node id');
  });

  it('a restarted node replaces its old connection: down, monitors, up, then its messages', async () => {
    const world = createWorld({ delay: 10 });
    const hub = await world.start('hub');
    await world.start('x', { seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    const port = hub.port();
    world.network.freeze('x');
    const restarted = await world.start('x2', { nodeid: 'x', seeds: ['memory://hub'] });
    restarted.snd(port.id, 'hello');
    world.draw(500, ({ play, expectObservable }) => {
      play('490ms t', { t: () => world.network.thaw('x') });
      const changes = hub.monNodes().pipe(map(({ up }) => (up ? 'up' : 'down')));
      const deaths = hub.mon('x').pipe(map(([kind]) => kind));
      const messages = port.pipe(map(([text]) => text));
      const values = { d: 'down', m: 'transport_error', u: 'up', h: 'hello' };
      // 30 ms for a connect and a proof, then the old connection has 250 ms to answer
      expectObservable(merge(changes, deaths, messages)).toBe('280ms (dmu) 15ms h', values);
    });
  });
});
