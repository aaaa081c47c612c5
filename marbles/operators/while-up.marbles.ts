import { catchError, EMPTY, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { PortDied } from 'rxmp';
import { whileUp } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

const deathOf = catchError((error: unknown) => of((error as PortDied).reason.slice(0, 1).join()));

describe('whileUp', () => {
  it('V12a: joins when the port is there, as the way to it and back tells; completes when it is killed normally (S12)', async () => {
    const { world, a, b } = await connected({ delay: 2 });
    const port = b.port(() => undefined);
    world.draw(30, ({ cold, play, expectObservable }) => {
      const joined = cold('x--y');
      expectObservable(whileUp(a, port.id, () => joined)).toBe('----x--y--|');
      play('--------k', { k: () => { b.kil(port); } });
    });
  });

  it('V12a: a stream that completes has joined all the same, and the result goes on', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(30, ({ play, expectObservable }) => {
      expectObservable(whileUp(node, port, () => of('x'))).toBe('x---|');
      expectObservable(whileUp(node, port, () => EMPTY)).toBe('----|');
      expectObservable(whileUp(node, port, () => undefined)).toBe('----|');
      play('----k', { k: () => { node.kil(port); } });
    });
  });

  it('S15: errors with PortDied when the port dies abnormally; S3: and never joins one that is not there', async () => {
    const { world, a, b } = await connected({ delay: 2 });
    const port = b.port(() => undefined);
    let joins = 0;
    world.draw(30, ({ play, expectObservable }) => {
      expectObservable(whileUp(a, port, () => NEVER).pipe(deathOf)).toBe('--------(d|)', { d: 'broken' });
      expectObservable(whileUp(a, 'b#none', () => joins++).pipe(deathOf)).toBe('----(n|)', { n: 'no_such_port' });
      play('------k', { k: () => { b.kil(port, 'broken'); } });
    });
    expect(joins).toBe(0);
  });

  it('what join throws, or its stream fails with, is the error of the result', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(10, ({ cold, expectObservable }) => {
      expectObservable(whileUp(node, port, () => { throw new Error('no'); })).toBe('#', undefined, new Error('no'));
      expectObservable(whileUp(node, port, () => cold('-x-#', { x: 1 }))).toBe('-x-#', { x: 1 });
      expectObservable(whileUp(node, port, () => throwError(() => new Error('odd')))).toBe('#', undefined, new Error('odd'));
    });
  });

  it('S13: a lost connection ends what was joined; it is joined again when the connection is back', async () => {
    const { world, a, b } = await connected();
    const port = b.port(() => undefined);
    world.draw(1_000, ({ cold, play, expectObservable }) => {
      const joined = cold('x-y');
      // lost after 4 ms; whoever looks for a node ends the pause of its seed
      expectObservable(whileUp(a, port.id, () => joined, { delay: 300 })).toBe('x-y 301ms x-y');
      play('----c-h', { c: () => world.network.cut('a', 'b'), h: () => { world.network.heal(); } });
    });
  });
});
