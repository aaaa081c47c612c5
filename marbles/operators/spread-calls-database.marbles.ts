import { endWith, takeUntil, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { mergeMapKeys, spreadCalls } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { ask, worker, type Protocol } from './workers.js';

describe('operators on a family of the database', () => {
  it('S24, S25: find the ports of other nodes, those that join, and leave those of a node that is lost', async () => {
    const world = createWorld({ delay: 1 });
    const seeds = ['memory://seed'];
    await world.start('seed', { seeds });
    const [a, b, c] = [await world.start('a', { seeds }), await world.start('b', { seeds }), await world.start('c', { seeds })];
    world.clock.runFor(2_000);
    const [x, y] = [worker(a, 'x', 5), worker(b, 'y', 5)];
    const lives: string[] = [];
    const answered = new Map<string, string>();
    let completed = false;
    world.draw(2_000, ({ cold, play }) => {
      c.dbMon<string>('workers')
        .pipe(
          mergeMapKeys((_, name$) => name$.pipe(endWith('gone'))),
          takeUntil(timer(1_900, c.clock)),
        )
        .subscribe((text) => lives.push(text));
      cold('abcdefgh 292ms ijklmnop 292ms qrstuvwx|')
        .pipe(ask, spreadCalls<Protocol>(c, c.dbMon('workers'), { perPort: 2 }))
        .subscribe({
          next: ({ request: [, letter], port }) => answered.set(letter, port),
          complete: () => (completed = true),
        });
      play('100ms x 149ms y 59ms l', {
        x: () => a.dbReg('workers', x, 'x'),
        y: () => b.dbReg('workers', y, 'y'),
        // while calls are under way there
        l: () => ['b', 'c', 'seed'].forEach((host) => world.network.cut('a', host)),
      });
    });
    expect(completed).toBe(true);
    const portsOf = (letters: string) => new Set(Array.from(letters, (letter) => answered.get(letter)));
    expect(portsOf('abcdefgh')).toEqual(new Set([x.id]));
    expect(portsOf('ijklmnop')).toEqual(new Set([x.id, y.id]));
    expect(portsOf('qrstuvwx')).toEqual(new Set([y.id]));
    expect(lives).toEqual(['x', 'y', 'gone']);
  });
});
