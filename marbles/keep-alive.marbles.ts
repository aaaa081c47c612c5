import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Reason } from 'rxmp';
import { createWorld } from './world.js';

/** Two connected nodes, 10 ms apart, with a `monitorTimeout` of 1 s: they look at the connection every 200 ms. */
async function pair() {
  const world = createWorld({ delay: 10 });
  const b = await world.start('b');
  const a = await world.start('a', { seeds: ['memory://b'] });
  world.clock.runFor(5_000);
  return { world, a, b };
}

describe('silence', () => {
  it('S16: is noticed after three looks in a row that found nothing, so before monitorTimeout is over', async () => {
    const { world, a } = await pair();
    world.draw(3_000, ({ play, expectObservable }) => {
      const lost: Reason = ['transport_error', 'b', 'no sign of life for 600 ms'];
      expectObservable(a.mon('b')).toBe('640ms (l|)', { l: lost });
      play('                             20ms f 2s t', { f: () => world.network.freeze('b'), t: () => world.network.thaw('b') });
    });
  });

  it('S16: of a peer that is back in time is nothing', async () => {
    const { world, a } = await pair();
    world.draw(5_000, ({ play, expectObservable }) => {
      expectObservable(a.mon('b')).toBe('-');
      play('20ms f 399ms t', { f: () => world.network.freeze('b'), t: () => world.network.thaw('b') });
    });
  });

  it('S16, S2: what was sent into it is lost, all of it; what is sent after the monitor arrives again', async () => {
    const { world, a, b } = await pair();
    const port = b.port();
    a.mon(port.id, () => {
      world.network.heal();
      a.snd(port.id, 'after the monitor');
    });
    world.draw(3_000, ({ play, expectObservable }) => {
      const values = { b: 'before', m: 'after the monitor' };
      expectObservable(port.pipe(map(([text]) => text)), '^ 2s !').toBe('20ms b 669ms m', values);
      play('10ms b 19ms s 69ms l', {
        b: () => a.snd(port.id, 'before'),
        s: () => world.network.silence('a', 'b', true),
        l: () => a.snd(port.id, 'lost'),
      });
    });
  });

  it('S16: is not what a slow way makes, however much waits there', async () => {
    const { world, a, b } = await pair();
    const port = b.port();
    world.network.slow('a', 'b', 10);
    const start = world.clock.now();
    const times: number[] = [];
    port.subscribe(() => times.push(world.clock.now() - start));
    world.draw(12_000, ({ play, expectObservable }) => {
      expectObservable(a.mon('b')).toBe('-');
      play('s', {
        s: () => {
          for (let n = 1; n <= 200; n++) a.after(n, port.id, 'x'.repeat(500));
        },
      });
    });
    expect(times).toHaveLength(200);
    // the last one has waited for ten times monitorTimeout
    expect(times.at(-1)).toBeGreaterThan(10_000);
  });

  it('S11, S13: tells every monitor of the node’s ports once, in the order in which they were set', async () => {
    const { world, a, b } = await pair();
    const fired: string[] = [];
    const port = b.port();
    for (const name of ['first', 'second']) a.mon(port.id, () => fired.push(name));
    a.mon(port.id, () => fired.push('taken back')).unsubscribe();
    world.network.freeze('b');
    world.clock.runFor(1_000);
    expect(fired).toEqual(['first', 'second']);
    world.network.thaw('b');
    world.clock.runFor(10_000);
    expect(fired).toEqual(['first', 'second']);
    await world.close();
  });
});
