import { describe, expect, it } from 'vitest';
import { CallTimeout, PortDied } from 'rxmp';
import { createWorld } from './world.js';

describe('cal: a message with a reply port at its end, and monitors of both ports (S1, S11, S13)', () => {
  it('gives the one reply and completes; it is sent anew for each subscriber', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let calls = 0;
    const adder = node.rcv(node.port(), { add: (a: number, b: number, reply: string) => node.snd(reply, a + b, ++calls) });
    world.draw(20, ({ expectObservable }) => {
      const sum = node.cal(adder, 'add', 2, 3);
      expectObservable(sum).toBe('        (s|)', { s: [5, 1] });
      expectObservable(sum, '---^').toBe('---(s|)', { s: [5, 2] });
    });
  });

  it('takes one way there and one back to another node', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const echo = b.port((...message: readonly unknown[]) => b.snd(message.at(-1) as string, 'echo', message[0]));
    world.clock.runFor(500);
    world.draw(2_000, ({ expectObservable }) => {
      expectObservable(a.cal(echo.id, 'hello')).toBe('20ms (e|)', { e: ['echo', 'hello'] });
    });
  });

  it('errors with CallTimeout when the answer takes too long; a late answer harms nobody', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const slow = node.rcv(node.port(), { ask: (reply: string) => node.after(8, reply, 'late') });
    world.draw(20, ({ expectObservable }) => {
      expectObservable(node.cal(slow, 'ask', { timeout: 5 })).toBe('-----#', undefined, new CallTimeout(slow.id, 5));
      expectObservable(node.cal(slow, 'ask', { timeout: 9 })).toBe('--------(l|)', { l: ['late'] });
    });
  });

  it('errors with PortDied when the port dies first, or is not there', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const mute = node.rcv(node.port(), { ask: () => undefined });
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.cal(mute, 'ask', { timeout: 10 })).toBe('---#', undefined, new PortDied(mute.id, ['broken']));
      play('                                                          ---k', { k: () => node.kil(mute, 'broken') });
      const missing = new PortDied('a#nobody', ['no_such_port', 'cannot monitor nonexistent port', 'a#nobody']);
      expectObservable(node.cal('a#nobody', 'ask')).toBe('#', undefined, missing);
    });
  });

  it('errors with PortDied when the node is lost on the way', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const mute = b.rcv(b.port(), { ask: () => undefined });
    world.clock.runFor(500);
    world.draw(100, ({ play, expectObservable }) => {
      const lost = ['transport_error', 'b', 'connection with memory://b failed: the network was cut'] as const;
      expectObservable(a.cal(mute.id, 'ask')).toBe('30ms #', undefined, new PortDied(mute.id, lost));
      play('                                        30ms c', { c: () => world.network.cut('a', 'b') });
    });
  });

  it('unsubscribing gives up: the reply port is gone', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const replies: string[] = [];
    const port = node.rcv(node.port(), { ask: (reply: string) => replies.push(reply) });
    world.draw(20, ({ expectObservable }) => {
      expectObservable(node.cal(port, 'ask'), '^--!').toBe('-');
      expectObservable(node.mon(port)).toBe('-');
    });
    const reasons: unknown[] = [];
    node.mon(replies[0] ?? '', (kind) => reasons.push(kind));
    world.clock.run();
    expect([replies.length, reasons]).toEqual([1, []]);
  });
});

describe('after: sends later, in the order of time (S1)', () => {
  it('sends a message, or calls a function, later; unsubscribed before, never', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ expectObservable, play }) => {
      expectObservable(port).toBe('---a-b', { a: ['a'], b: ['b'] });
      node.after(3, port, 'a');
      node.after(5, () => node.snd(port, 'b'));
      const never = node.after(7, port, 'never');
      play('------c', { c: () => never.unsubscribe() });
    });
  });
});
