import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { puppetNow } from './puppet.js';

describe('S2: no silent holes', () => {
  it('what arrives is a prefix until the monitor fires, however often the network is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 }), async (seed, cuts) => {
        const world = createWorld({ seed, delay: { min: 1, max: 80 } });
        const a = await world.start('a', { seeds: ['memory://b'] });
        const b = await world.start('b', { seeds: seed % 2 === 0 ? ['memory://a'] : [] });
        // one age per monitor: messages carry the age they were sent in
        let age = 0;
        const got: [age: number, n: number][] = [];
        const port = b.rcv(b.port(), { n: (of: number, n: number) => got.push([of, n]) });
        const watch = (): void => {
          a.mon(port.id, () => {
            age++;
            next = 0;
            watch();
          });
        };
        watch();
        let next = 0;
        const send = (): void => {
          a.snd(port.id, 'n', age, next++);
          // until every cut is healed and told of, so that the last age is heard
          if (world.clock.now() < 30_000) world.clock.after(7, send);
        };
        send();
        let time = 0;
        for (const gap of cuts) {
          time += gap;
          world.clock.after(time, () => {
            world.network.cut('a', 'b');
          });
          world.clock.after(time + (gap % 700), () => {
            world.network.heal();
          });
        }
        world.clock.runFor(40_000);
        for (let of = 0; of <= age; of++) {
          const numbers = got.filter(([sent]) => sent === of).map(([, n]) => n);
          expect(numbers).toEqual(numbers.map((_, n) => n));
        }
        // ages do not mix: nothing of an earlier age comes after one of a later
        expect(got.map(([of]) => of)).toEqual(got.map(([of]) => of).sort((x, y) => x - y));
        expect(got.at(-1)).toEqual([age, next - 1]);
        await world.close();
        expect([world.clock.pending, world.network.connections]).toEqual([0, 0]);
      }),
      { numRuns: 60, examples: [[0, [3540, 2507, 3359, 3493, 3635, 2473]]] },
    );
  });

  it('S11: every monitor fires once when a connection is lost, those that were taken back never', async () => {
    const world = createWorld({ delay: 5 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const b = await world.start('b');
    const port = b.port();
    world.clock.runFor(1_000);
    const fired: string[] = [];
    for (const name of ['one', 'two']) a.mon(port.id, () => fired.push(name));
    a.mon('b', () => fired.push('node'));
    a.mon(port.id, () => fired.push('never')).unsubscribe();
    const inTheMiddle = a.mon(port.id, () => fired.push('never either'));
    world.clock.runFor(100);
    world.network.cut('a', 'b');
    inTheMiddle.unsubscribe();
    world.network.heal();
    world.clock.runFor(10_000);
    world.network.cut('a', 'b');
    world.clock.runFor(10_000);
    expect(fired).toEqual(['one', 'two', 'node']);
    await world.close();
  });

  it('what a node sent before it said goodbye arrives, even if it came and went within one moment', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const got: unknown[] = [];
    const port = node.rcv(node.port(), { n: (n: number) => got.push(n) });
    const busy = node.port((n: number) => {
      if (n > 0) node.snd(busy, n - 1);
    });
    const visitor = puppetNow(world, world.network.transport('m'), 'memory://a', { id: 'm', run: 'r' });
    // the node has to do when the visitor comes, and gets to it after the visitor has left
    node.snd(busy, 100_000);
    const link = await visitor;
    for (let n = 0; n < 3; n++) link.send(port.id.slice(2), ['n', n]);
    link.leave(1_000);
    world.clock.runFor(1_000);
    expect(got).toEqual([0, 1, 2]);
    await world.close();
  });
});
