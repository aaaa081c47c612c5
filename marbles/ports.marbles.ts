import { map, merge } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { PortDied, type Reason } from 'rxmp';
import { createWorld } from './world.js';

const text = (message: readonly unknown[]): string => message.join(' ');

describe('messages of a port', () => {
  it('S1: arrive in the order sent, at the instant they are sent when everybody is here', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(map(([letter]) => letter))).toBe('-a--(bc)-d');
      play('                                                       -a--(bc)-d', {
        a: () => node.snd(port, 'a'),
        b: () => node.snd(port, 'b'),
        c: () => node.snd(port, 'c'),
        d: () => node.snd(port, 'd'),
      });
    });
  });

  it('S1: arrive in the order sent also when the way is now slow, now fast', async () => {
    const world = createWorld({ delay: { min: 1, max: 40 } });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const b = await world.start('b');
    const port = b.port();
    const seen: unknown[] = [];
    port.subscribe(([n]) => seen.push(n));
    world.clock.runFor(5_000);
    world.draw(1_000, () => {
      for (let n = 0; n < 100; n++) world.clock.after(n, () => a.snd(port.id, n));
    });
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('S4: a tagged receiver gets its messages without the tag, the default receiver gets all others whole', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      const values = { a: ['add', 1, 2], A: [1, 2], o: ['other', 3] } as const;
      expectObservable(node.rcv(port, 'add')).toBe('-A--A', values);
      expectObservable(node.rcv(port)).toBe('       --o', values);
      play('                                         -ao-a', {
        a: () => node.snd(port, 'add', 1, 2),
        o: () => node.snd(port, 'other', 3),
      });
    });
  });

  it('S4: everybody who subscribes to a tag gets its messages', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.rcv(port, 'say').pipe(map(text))).toBe('-1-2-3');
      expectObservable(node.rcv(port, 'say').pipe(map(text)), '--^-!').toBe('---2');
      play('-1-2-3', {
        1: () => node.snd(port, 'say', '1'),
        2: () => node.snd(port, 'say', '2'),
        3: () => node.snd(port, 'say', '3'),
      });
    });
  });

  it('S7: what a receiver sends is delivered after all observers of the current message have returned', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const first = port.pipe(map(([letter]) => `1${String(letter)}`));
    const second = port.pipe(map(([letter]) => `2${String(letter)}`));
    world.draw(20, ({ play, expectObservable }) => {
      const values = { a: '1a', A: '2a', b: '1b', B: '2b' };
      port.subscribe(([letter]) => letter === 'a' && node.snd(port, 'b'));
      expectObservable(merge(first, second)).toBe('--(aAbB)', values);
      play('                                       --s', { s: () => node.snd(port, 'a') });
    });
  });
});

describe('the life of a port', () => {
  it('S15: a normal kill completes its streams', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(map(text))).toBe('-a--|');
      expectObservable(node.rcv(port, 'tag')).toBe('----|');
      play('-a--k', { a: () => node.snd(port, 'a'), k: () => node.kil(port) });
    });
  });

  it('S15: an abnormal kill errors them with PortDied, and those who subscribe later too', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const died = new PortDied(port.id, ['broken', 'leg']);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(port.pipe(map(text))).toBe('-a--#', undefined, died);
      expectObservable(node.rcv(port, 'tag')).toBe('----#', undefined, died);
      expectObservable(port, '      ------^').toBe('------#', undefined, died);
      play('-a--k', { a: () => node.snd(port, 'a'), k: () => node.kil(port, 'broken', 'leg') });
    });
    expect(node.log.lines).toContain(`warn unmonitored port ${port.id} died: broken: leg`);
  });

  it('S3: a message that nobody receives kills the port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const reason: Reason = ['unhandled_message', "no callback found for message 'what'"];
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.rcv(port, 'known').pipe(map(text))).toBe('-k-#', undefined, new PortDied(port.id, reason));
      expectObservable(node.mon(port)).toBe('---(r|)', { r: reason });
      play('-k-w', { k: () => node.snd(port, 'known', 'k'), w: () => node.snd(port, 'what') });
    });
  });

  it('S3: unless there is a default receiver, be it one that does nothing', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.rcv(node.port(), () => undefined);
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.rcv(port, 'known').pipe(map(text))).toBe('-k--k');
      play('-kw-k', { k: () => node.snd(port, 'known', 'k'), w: () => node.snd(port, 'what') });
    });
  });

  it('S3: when the last subscriber of a tag goes, its messages are nobody’s again', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.rcv(port, 'known').pipe(map(text)), '^--!').toBe('-k');
      expectObservable(node.mon(port)).toBe('----(r|)', { r: ['unhandled_message', "no callback found for message 'known'"] as Reason });
      play('-k--k', { k: () => node.snd(port, 'known', 'k') });
    });
  });

  it('S3: a message to a port that is not there is dropped; its monitor says so', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const values: { r: Reason } = { r: ['no_such_port', 'cannot monitor nonexistent port', 'a#nobody'] };
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon('a#nobody'), '--^').toBe('--(r|)', values);
      play('s', { s: () => expect(node.snd('a#nobody', 'hello')).toBe(true) });
    });
  });

  it('S5: an exception in a handler kills the port; the sender and other ports go on', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const other = node.port();
    const port = node.rcv(node.port(), {
      fail: () => {
        throw new Error('no way');
      },
    });
    world.draw(20, ({ play, expectObservable }) => {
      expectObservable(node.mon(port)).toBe('         --(r|)', { r: ['die', 'no way'] as Reason });
      expectObservable(other.pipe(map(text))).toBe('--a----b');
      play('                                         --(fa)-b', {
        f: () => node.snd(port, 'fail'),
        a: () => node.snd(other, 'a'),
        b: () => node.snd(other, 'b'),
      });
    });
  });

  it('S8: a kill, and its monitors, come after the call that caused them, and after what was sent before', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const order: string[] = [];
    port.subscribe({ next: ([letter]) => order.push(String(letter)), complete: () => order.push('complete') });
    node.mon(port, () => order.push('monitor'));
    world.draw(20, ({ play }) => {
      play('-k', {
        k: () => {
          node.snd(port, 'before');
          node.kil(port);
          node.snd(port, 'after');
          order.push('returned');
        },
      });
    });
    expect(order).toEqual(['before', 'returned', 'complete', 'monitor']);
  });
});
