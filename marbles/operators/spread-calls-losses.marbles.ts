import { EMPTY, of, throwIfEmpty } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CallTimeout, NodeClosed, PortDied, type Port } from 'rxmp';
import { spreadCalls } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { changes } from './changes.js';
import { connected } from './connected.js';
import { answers, answerText, ask, familyOf, mute, worker, type Protocol } from './workers.js';

describe('spreadCalls, when a call times out', () => {
  it('repeats it elsewhere; the port that did not answer gets no calls for `ejectFor` ms', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [mute(node), worker(node, 'y', 5)];
    world.draw(100, ({ cold, expectObservable }) => {
      const options = { timeout: 8, ejectFor: 12 };
      const spread = cold('(abcdef|)').pipe(ask, spreadCalls<Protocol>(node, of(familyOf(x.port, y)), options), answerText);
      // a is next when c is ready; x may be called again when d is, and gets e
      const texts = answers('yb', 'yc', 'ya', 'yd', 'yf', 'ye');
      expectObservable(spread).toBe('-----1----2----3----4----5-------(6|)', texts);
    });
    expect(x.asked).toEqual(['a', 'e']);
  });

  it('repeats it at the same port after that time if there is no other, and counts that', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = mute(node);
    world.draw(100, ({ cold, expectObservable }) => {
      const options = { timeout: 5, ejectFor: 10, count: 2 };
      const spread = cold('(ab|)').pipe(ask, spreadCalls(node, of(familyOf(x.port)), options));
      expectObservable(spread).toBe('35ms #', {}, new CallTimeout(x.port.id, 5));
    });
    expect(x.asked).toEqual(['a', 'a', 'a']);
  });

  it('a port that is added to the family again gets calls at once', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let asked = 0;
    const x: Port<Protocol> = node.rcv(node.port<Protocol>(), {
      ask: (letter, to) => {
        if (++asked > 1) node.snd(to, letter);
      },
    });
    const family = changes({ a: { [x.id]: 1 }, d: { [x.id]: undefined }, b: { [x.id]: 2 } });
    world.draw(100, ({ cold, hot, expectObservable }) => {
      const spread = cold('a|').pipe(ask, spreadCalls<Protocol>(node, hot('a-----d-b', family), { timeout: 5 }), answerText);
      expectObservable(spread).toBe('--------(a|)');
    });
  });

  it('also while other calls to it are under way', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = mute(node);
    const family = changes({ a: { [x.port.id]: 1 }, d: { [x.port.id]: undefined }, b: { [x.port.id]: 2 } });
    world.draw(100, ({ cold, hot, expectObservable }) => {
      const options = { timeout: 5, perPort: 2, count: 1 };
      // a times out at 5 ms and again at 12, b only at 9
      const spread = cold('a---b|').pipe(ask, spreadCalls(node, hot('a-----db', family), options));
      expectObservable(spread).toBe('12ms #', {}, new CallTimeout(x.port.id, 5));
    });
    expect(x.asked).toEqual(['a', 'b', 'a']);
  });

  it('never ejects a port if `ejectFor` is 0, and for ever if it is Infinity', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = mute(node);
    world.draw(10_000, ({ cold, expectObservable }) => {
      const spread = (ejectFor: number) =>
        cold('a|').pipe(ask, spreadCalls(node, of(familyOf(x.port)), { timeout: 5, ejectFor, count: 2 }));
      expectObservable(spread(0)).toBe('15ms #', {}, new CallTimeout(x.port.id, 5));
      expectObservable(spread(Infinity)).toBe('');
    });
    expect(x.asked).toHaveLength(3 + 1);
  });
});

describe('spreadCalls, when a node is lost', () => {
  it('S13: repeats all calls there elsewhere, and calls none of its ports for `ejectFor` ms', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const there = [mute(b), mute(b), mute(b)];
    const here = worker(a, 'h', 2);
    const family = familyOf(...there.map(({ port }) => port), here);
    world.draw(200, ({ cold, play, expectObservable }) => {
      const options = { strategy: 'round-robin', perPort: 2, ejectFor: 150, count: 1 } as const;
      const letters = cold('(ab) 8ms c 155ms d').pipe(ask, spreadCalls<Protocol>(a, of(family), options), answerText);
      // c would be for the third port of b
      expectObservable(letters).toBe('-------(12)---3', answers('ha', 'hb', 'hc'));
      play('-----c---h', { c: () => world.network.cut('a', 'b'), h: () => world.network.heal() });
    });
    expect(there.map(({ asked }) => asked)).toEqual([['a'], ['b'], ['d']]);
  });

  it('closing the own node fails calls under way instead of repeating them', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const x = mute(b).port;
    const y = mute(a).port;
    let judged = 0;
    const retryOn = (): boolean => ++judged > 0;
    world.draw(50, ({ cold, play, expectObservable }) => {
      for (const port of [x, y]) {
        const spread = cold('a|').pipe(ask, spreadCalls(a, of(familyOf(port)), { retryOn }));
        expectObservable(spread).toBe('-----#', {}, new NodeClosed('a'));
      }
      play('-----c', { c: () => void a.close() });
    });
    expect(judged).toBe(0);
    expect(world.clock.pending).toBe(0);
  });
});

describe('spreadCalls, when the family completes', () => {
  let emptyError: unknown;
  EMPTY.pipe(throwIfEmpty()).subscribe({ error: (error: unknown) => (emptyError = error) });

  it('goes on with the ports that it had', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 2);
    world.draw(30, ({ cold, expectObservable }) => {
      const family$ = cold('x|', { x: familyOf(x) });
      expectObservable(cold('a---b|').pipe(ask, spreadCalls<Protocol>(node, family$), answerText)).toBe('--1---(2|)', answers('xa', 'xb'));
    });
  });

  it('errors with `EmptyError` when calls wait and there is none', async () => {
    const world = createWorld();
    const node = await world.start('a');
    world.draw(30, ({ cold, expectObservable }) => {
      expectObservable(cold('a').pipe(ask, spreadCalls(node, cold('e--|', changes({ e: {} }))))).toBe('---#', {}, emptyError);
      expectObservable(cold('--a').pipe(ask, spreadCalls(node, EMPTY))).toBe('--#', {}, emptyError);
      expectObservable(cold('--|').pipe(ask, spreadCalls(node, EMPTY))).toBe('--|');
    });
  });

  it('errors with the death of the last port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = mute(node).port;
    world.draw(30, ({ cold, play, expectObservable }) => {
      const spread = cold('(ab|)').pipe(ask, spreadCalls(node, of(familyOf(x))));
      expectObservable(spread).toBe('---#', {}, new PortDied(x.id, ['broken']));
      play('---k', { k: () => node.kil(x, 'broken') });
    });
  });
});
