import { map, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { killOnComplete, killOnError } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

const failing = (letter: string): string => {
  if (letter === 'x') throw new Error('x is not allowed');
  return letter;
};

describe('killOnError', () => {
  it('S5: an error kills the port with its text; the stream completes; what was sent before arrives first', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<[string]>();
    const other = node.port<[string]>();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(map(([letter]) => failing(letter)), killOnError(node, port))).toBe('-a-|');
      expectObservable(other.pipe(map(([letter]) => letter))).toBe('-----a');
      expectObservable(node.mon(port)).toBe('---(r|)', { r: ['die', 'x is not allowed'] });
      play('-a-x-o', {
        a: () => node.snd(port, 'a'),
        x: () => node.snd(port, 'x'),
        o: () => node.snd(other, 'a'),
      });
    });
  });

  it('S5: what is no Error stands in the reason as it is', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, expectObservable }) => {
      expectObservable(cold('--#', {}, { code: 7 }).pipe(killOnError(node, port))).toBe('--|');
      expectObservable(node.mon(port)).toBe('--(r|)', { r: ['die', { code: 7 }] });
    });
  });

  it('S12: kills a port of another node, whose links die of the same reason', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const port = b.port(() => undefined);
    const linked = b.port(() => undefined);
    b.mon(port, linked);
    world.draw(50, ({ cold, expectObservable }) => {
      expectObservable(cold('--#', {}, new Error('gone wrong')).pipe(killOnError(a, port.id))).toBe('--|');
      expectObservable(b.mon(linked)).toBe('---(r|)', { r: ['die', 'gone wrong'] });
    });
  });

  it('completion and unsubscription leave the port alive', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, expectObservable }) => {
      expectObservable(cold('-a|').pipe(killOnError(node, port))).toBe('-a|');
      expectObservable(cold('-a-b').pipe(killOnError(node, port)), '^-!').toBe('-a');
      expectObservable(node.mon(port)).toBe('');
    });
  });

  it('S9: the death of the port itself is no news, and a node port can not be killed', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const refusal = new TypeError("a is a node port: it lives as long as its node and can't be killed");
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(killOnError(node, port))).toBe('--|');
      expectObservable(node.mon(port)).toBe('            --(r|)', { r: ['broken'] });
      expectObservable(throwError(() => new Error('x')).pipe(killOnError(node, 'a'))).toBe('#', undefined, refusal);
      play('--k', { k: () => node.kil(port, 'broken') });
    });
  });
});

describe('killOnComplete', () => {
  it('S12: completion kills the port normally, after what was sent before', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<[string]>();
    world.draw(20, ({ cold, expectObservable }) => {
      const sent = cold('-a-(b|)').pipe(map((letter) => (node.snd(port, letter), letter)));
      expectObservable(sent.pipe(killOnComplete(node, port))).toBe('-a-(b|)');
      expectObservable(port.pipe(map(([letter]) => letter))).toBe('-a-(b|)');
      expectObservable(node.mon(port)).toBe('                      ---(r|)', { r: [] });
    });
  });

  it('errors and unsubscription leave the port alone', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, expectObservable }) => {
      expectObservable(cold('-a#').pipe(killOnComplete(node, port))).toBe('-a#');
      expectObservable(cold('-a-|').pipe(killOnComplete(node, port)), '^-!').toBe('-a');
      expectObservable(node.mon(port)).toBe('');
    });
  });

  it('with killOnError before it, the first reason counts', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, expectObservable }) => {
      const tied = cold('-a#', undefined, new Error('first')).pipe(killOnError(node, port), killOnComplete(node, port));
      expectObservable(tied).toBe('-a|');
      expectObservable(node.mon(port)).toBe('--(r|)', { r: ['die', 'first'] });
    });
    expect(node.log.lines).toEqual([]);
  });
});
