import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Reason } from 'rxmp';
import { createWorld } from './world.js';

const died = (text: string): { readonly d: Reason } => ({ d: ['die', text] });
const fail = (text: string): unknown => {
  throw new Error(text);
};

describe('code that fails kills the port whose code it is', () => {
  it('S5: what psub has wrapped fails later, in a timer, and still kills its port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.rcv(node.port(), { start: () => node.after(3, node.psub(() => fail('too late'))) });
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(port)).toBe('-----(d|)', died('too late'));
      play('                                 --s', { s: () => node.snd(port, 'start') });
    });
  });

  it('S5: peval runs code as the port’s own; who has called it goes on', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [port, other] = [node.port(), node.port()];
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(other.pipe(map(([what]) => what))).toBe('--n', { n: undefined });
      expectObservable(node.mon(port)).toBe('                   --(d|)', died('inside'));
      play('                                                    --p', { p: () => node.snd(other, node.peval(port, fail, 'inside')) });
    });
  });

  it('S5: an async handler that rejects does so too, when it rejects', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(async () => Promise.reject(new Error('in the end')));
    const deaths: Reason[] = [];
    node.mon(port, (...reason) => deaths.push(reason));
    node.snd(port, 'start');
    // promises have a time of their own
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.run();
    expect(deaths).toEqual([['die', 'in the end']]);
    await world.close();
  });

  it('S5: an error in a pipeline ends the pipeline only: the port and its other streams live', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const broken = new Error('not a number');
    world.draw(20, ({ play, expectObservable }) => {
      const numbers = node.rcv(port, 'n').pipe(map(([n]) => (typeof n === 'number' ? n : fail('not a number'))));
      expectObservable(numbers).toBe('            -1-#', { 1: 1 }, broken);
      expectObservable(node.rcv(port, 'n')).toBe('-1-x-2', { 1: [1], x: ['x'], 2: [2] });
      expectObservable(node.mon(port)).toBe('     -');
      play('                                      -1-x-2', {
        1: () => node.snd(port, 'n', 1),
        x: () => node.snd(port, 'n', 'x'),
        2: () => node.snd(port, 'n', 2),
      });
    });
  });

  it('S15: a death that no subscriber handles is a line in the log, and ends nothing', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [port, other] = [node.port(), node.port()];
    port.subscribe(() => undefined);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(other.pipe(map(([text]) => text))).toBe('---o', { o: 'on' });
      play('                                                    -k-o', { k: () => node.kil(port, 'broken'), o: () => node.snd(other, 'on') });
    });
    // RxJS reports it in a turn of its own
    await new Promise((resolve) => setTimeout(resolve));
    world.clock.runFor(0);
    expect(node.log.lines.some((line) => line.includes(`no subscriber handled: port ${port.id} died: broken`))).toBe(true);
  });
});
