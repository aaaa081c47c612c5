import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Reason } from 'rxmp';
import { settled } from 'rxmp/testing';
import { createWorld } from './world.js';

describe('the id of a port', () => {
  it('S6: means nothing to a later run of its node, even with the same node id', async () => {
    const world = createWorld({ delay: 10 });
    const first = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const old = first.port().id;
    world.clock.runFor(1_000);
    await settled(world.clock, first.close());
    const second = await world.start('b');
    const ids = new Set(Array.from({ length: 1_000 }, () => second.port().id));
    world.clock.runFor(5_000);
    world.draw(100, ({ play, expectObservable }) => {
      const dead: Reason = ['no_such_port', 'cannot monitor nonexistent port', old];
      expectObservable(a.mon(old)).toBe('20ms (d|)', { d: dead });
      play('s', { s: () => expect(a.snd(old, 'for the one that is gone')).toBe(true) });
    });
    expect(ids.has(old)).toBe(false);
  });

  it('S10: a message is handed over here as it is; to another node goes what it was when it was sent', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    world.clock.runFor(1_000);
    const [here, there] = [a.port(), b.port()];
    const list = [1];
    world.draw(50, ({ play, expectObservable }) => {
      expectObservable(here.pipe(map(([got]) => got === list))).toBe('s', { s: true });
      expectObservable(there.pipe(map(([got]) => got))).toBe('10ms o', { o: [1] });
      play('s 4ms c', {
        s: () => {
          a.snd(here, list);
          a.snd(there.id, list);
        },
        c: () => list.push(2),
      });
    });
  });
});

describe('kil', () => {
  it('S9: of a port that is not there, or is dead already, is fine; the first reason counts', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(port)).toBe('--(f|)', { f: ['first'] });
      play('                                 --(fs)-ln', {
        f: () => node.kil(port, 'first'),
        s: () => node.kil(port, 'second'),
        l: () => node.kil(port, 'late'),
        n: () => node.kil('a#nobody', 'whoever'),
      });
    });
  });

  it('S9: of a node port is an error at the call, be it of this node or of another', async () => {
    const world = createWorld();
    const node = await world.start('a');
    world.draw(20, ({ expectObservable }) => {
      expectObservable(node.mon('a')).toBe('-');
      for (const id of ['a', 'b']) expect(() => node.kil(id, 'enough')).toThrow(TypeError);
    });
  });
});
