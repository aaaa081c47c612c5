import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.js';

/** Two nodes that are connected, 10 ms apart; monitorTimeout is a second. */
async function pair(): Promise<{ world: World; a: Awaited<ReturnType<World['start']>>; b: Awaited<ReturnType<World['start']>> }> {
  const world = createWorld({ delay: 10 });
  const b = await world.start('b');
  const a = await world.start('a', { seeds: ['memory://b'] });
  world.clock.runFor(5_000);
  return { world, a, b };
}

/** When something happened, in ms from now. */
function stopwatch(world: World): { readonly times: number[]; readonly press: () => void } {
  const start = world.clock.now();
  const times: number[] = [];
  return { times, press: () => times.push(world.clock.now() - start) };
}

describe('a node that is lost', () => {
  it('S16: a quiet connection stays: keep-alives and echoes are enough', async () => {
    const { world, a, b } = await pair();
    world.draw(60_000, ({ expectObservable }) => {
      expectObservable(a.mon('b')).toBe('-');
      expectObservable(b.mon('a')).toBe('-');
      expectObservable(a.monNodes()).toBe('-');
    });
  });

  it.each([
    ['a frozen peer', (world: World) => world.network.freeze('b')],
    ['silence in both directions, a half-open connection', (world: World) => world.network.silence('a', 'b')],
    ['silence in one direction only', (world: World) => world.network.silence('b', 'a', true)],
    ['silence in the other direction', (world: World) => world.network.silence('a', 'b', true)],
  ])('S16: %s is noticed within monitorTimeout, by every monitor once', async (_what, fault) => {
    const { world, a, b } = await pair();
    const watch = stopwatch(world);
    const port = b.port();
    a.mon('b', watch.press);
    a.mon(port.id, watch.press);
    world.clock.runFor(100);
    fault(world);
    world.clock.runFor(10_000);
    expect(watch.times).toHaveLength(2);
    for (const time of watch.times) expect(time).toBeLessThanOrEqual(1_100);
    // both ends have noticed, also the one that could still hear
    expect(b.upNodes()).toEqual([]);
    world.network.thaw('b');
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('S2: what was sent into silence is lost as one piece; after the monitor it works again, from there on', async () => {
    const { world, a, b } = await pair();
    const got: unknown[] = [];
    const port = b.rcv(b.port(), { n: (n: number) => got.push(n) });
    const order: unknown[] = got;
    a.mon(port.id, () => {
      order.push('monitor');
      a.snd(port.id, 'n', 1_000);
    });
    for (let n = 0; n < 40; n++) world.clock.after(n * 20, () => !order.includes('monitor') && a.snd(port.id, 'n', n));
    world.clock.after(200, () => world.network.silence('a', 'b'));
    world.clock.after(1_500, () => world.network.heal());
    world.clock.runFor(10_000);
    const end = order.indexOf('monitor');
    expect(order.slice(0, end)).toEqual(Array.from({ length: end }, (_, n) => n));
    expect(order.slice(end)).toEqual(['monitor', 1_000]);
    await world.close();
  });

  it('S2: a message that is sent between the loss and the monitor does not overtake the monitor', async () => {
    const { world, a, b } = await pair();
    const order: string[] = [];
    const port = b.port((text: string) => order.push(text));
    a.mon(port.id, () => order.push('monitor'));
    world.clock.runFor(100);
    world.network.cut('a', 'b');
    a.snd(port.id, 'after the loss');
    world.network.heal();
    world.clock.runFor(10_000);
    expect(order[0]).toBe('monitor');
    await world.close();
  });

  it('S2: a message that is sent, and a monitor that is set, between the loss and the monitor belong to what is lost', async () => {
    const { world, a, b } = await pair();
    const order: string[] = [];
    const port = b.port((text: string) => order.push(text));
    a.mon(port.id, () => {
      order.push('monitor');
      a.snd(port.id, 'after the monitor');
    });
    world.clock.runFor(100);
    world.network.cut('a', 'b');
    a.snd(port.id, 'after the loss');
    a.mon(port.id, () => order.push('monitor after the loss'));
    world.network.heal();
    world.clock.runFor(10_000);
    expect(order).toEqual(['monitor', 'monitor after the loss', 'after the monitor']);
    await world.close();
  });

  it('S13: monNodes tells of nodes that go and come back', async () => {
    const { world, a } = await pair();
    world.draw(3_000, ({ play, expectObservable }) => {
      play('100ms c 99ms h', { c: () => world.network.cut('a', 'b'), h: () => world.network.heal() });
      // back after the seed's first pause, which is 600 ms and up to 600 ms of chance
      const came = { d: 'b down', u: 'b up' };
      const changes = a.monNodes().pipe(map(({ node, up }) => `${node} ${up ? 'up' : 'down'}`));
      expectObservable(changes, '^ 600ms !').toBe('100ms d', came);
    });
  });

  it('S13: only the ports over there are lost: the streams of ports here go on whatever happens to connections', async () => {
    const { world, a, b } = await pair();
    const port = a.port();
    world.draw(6_000, ({ play, expectObservable }) => {
      expectObservable(port.pipe(map(([n]) => n))).toBe('10ms 1 5002ms 2');
      play('                                               1 200ms c 500ms h 4300ms 2', {
        1: () => b.snd(port.id, '1'),
        c: () => world.network.cut('a', 'b'),
        h: () => world.network.heal(),
        2: () => b.snd(port.id, '2'),
      });
    });
  });
});
