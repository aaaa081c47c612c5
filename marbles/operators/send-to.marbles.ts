import { map, mergeMap, tap, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MessageTooLarge } from 'rxmp';
import { sendTo } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

/** A message of about so many octets. */
const large = (letter: string, octets: number) => [letter, 'x'.repeat(octets)] as const;

describe('sendTo', () => {
  it('S1: sends each value, in order, and passes it at once to a port of this node', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<[string]>();
    world.draw(20, ({ cold, expectObservable }) => {
      const messages: Record<string, [string]> = { a: ['a'], b: ['b'], c: ['c'] };
      expectObservable(cold('-a-(bc)-|', messages).pipe(sendTo(node, port))).toBe('-a-(bc)-|', messages);
      expectObservable(port).toBe('-a-(bc)', messages);
    });
  });

  it('waits while more than the high-water mark is to be sent, until the connection is writable', async () => {
    const limits = { highWaterMark: 1_000 };
    const { world, a, b } = await connected({ delay: 1 }, { limits });
    const port = b.port<readonly [string, string]>();
    const pressure: string[] = [];
    const begin = world.clock.now();
    const note = (text: string): void => void pressure.push(`${text} ${world.clock.now() - begin}`);
    a.connections$.pipe(mergeMap(({ writable$ }) => writable$)).subscribe((ready) => note(ready ? 'ready' : 'full'));
    pressure.length = 0;
    world.draw(50, ({ cold, expectObservable }) => {
      const sent = cold('--(ab|)').pipe(
        map((letter) => large(letter, 2_000)),
        sendTo(a, port.id),
        tap(([letter]) => note(letter)),
        map(([letter]) => letter),
      );
      expectObservable(sent).toBe('--(ab|)');
      expectObservable(port.pipe(map(([letter]) => letter))).toBe('---(ab)');
    });
    // each large message fills the buffer, and is passed on only when there is room again
    expect(pressure).toEqual(['full 2', 'ready 2', 'a 2', 'full 2', 'ready 2', 'b 2']);
  });

  it('slows an inner stream down: the next message is made only when there is room', async () => {
    const { world, a, b } = await connected({ delay: 1 }, { limits: { highWaterMark: 1_000 } });
    const port = b.port<readonly [string, string]>();
    world.draw(50, ({ cold, expectObservable }) => {
      // reading takes 2 ms, and nothing is read before what was read last has left
      const read = (letter: string) => timer(2, a.clock).pipe(map(() => large(letter, 2_000)));
      const piped = cold('(abc|)').pipe(
        mergeMap((letter) => read(letter).pipe(sendTo(a, port.id)), 1),
        map(([letter]) => letter),
      );
      expectObservable(piped).toBe('--a-b-(c|)');
      expectObservable(port.pipe(map(([letter]) => letter))).toBe('---a-b-c');
    });
  });

  it('S13: a lost connection ends the waiting; sending goes on', async () => {
    const { world, a, b } = await connected({ delay: 1 }, { limits: { highWaterMark: 1_000 } });
    const port = b.port<readonly [string, string]>();
    world.draw(3_000, ({ cold, play, expectObservable }) => {
      const sent = cold('--a-b').pipe(map((letter) => large(letter, 2_000)), sendTo(a, port.id), map(([letter]) => letter));
      play('c', { c: () => world.network.cut('a', 'b') });
      // each message waits until the attempt to connect is given up, after the `monitorTimeout` of 1,000 ms
      expectObservable(sent).toBe('1002ms a 999ms b');
    });
  });

  it('fails when a message can not be sent', async () => {
    const { world, a } = await connected({}, { limits: { messageSize: 1_000 } });
    const codes: unknown[] = [];
    world.draw(20, ({ cold }) => {
      cold('-a')
        .pipe(map((letter) => large(letter, 2_000)), sendTo(a, 'b#port'))
        .subscribe({ error: (error: unknown) => codes.push((error as MessageTooLarge).code) });
    });
    expect(codes).toEqual(['MESSAGE_TOO_LARGE']);
  });
});
