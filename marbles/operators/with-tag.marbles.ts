import { describe, expect, it } from 'vitest';
import { PortDied } from 'rxmp';
import { withTag } from 'rxmp/operators';
import { createWorld } from '../world.js';

describe('withTag', () => {
  it('S4: gives the messages of one tag without it, drops the others, and completes with the source', async () => {
    const world = createWorld();
    await world.start('a');
    world.draw(20, ({ cold, expectObservable }) => {
      const messages = { a: ['add', 1, 2], s: ['sub', 3, 4], e: ['add'] } as const;
      expectObservable(cold('-as-(ae)-|', messages).pipe(withTag('add'))).toBe('-A--(AE)-|', { A: [1, 2], E: [] });
      expectObservable(cold('-as#', messages).pipe(withTag('sub'))).toBe('--S#', { S: [3, 4] });
    });
  });

  it('S3: as a default receiver it keeps a port alive that gets other tags', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<['say', string] | ['cough']>();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(withTag('say'))).toBe('-a-b--#', { a: ['a'], b: ['b'] }, new PortDied(port.id, ['broken']));
      play('-acb--k', {
        a: () => node.snd(port, 'say', 'a'),
        b: () => node.snd(port, 'say', 'b'),
        c: () => node.snd(port, 'cough'),
        k: () => node.kil(port, 'broken'),
      });
    });
    expect(node.log.lines.filter((line) => line.includes('unhandled'))).toEqual([]);
  });
});
