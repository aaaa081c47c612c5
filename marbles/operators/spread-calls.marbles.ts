import {
  BehaviorSubject,
  count,
  defer,
  finalize,
  firstValueFrom,
  from,
  map,
  NEVER,
  of,
  range,
  shareReplay,
  Subject,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange, Port } from 'rxmp';
import { spreadCalls } from 'rxmp/operators';
import { settled } from 'rxmp/testing';
import { createWorld } from '../world.js';
import { changes } from './changes.js';
import { answers, answerText, ask, familyOf, worker, type Protocol } from './workers.js';

describe('spreadCalls', () => {
  it('calls the ports of a family, and gives the replies in the order in which they come', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [worker(node, 'x', 5), worker(node, 'y', 2)];
    world.draw(30, ({ cold, expectObservable }) => {
      const spread = cold('(abcd|)').pipe(ask, spreadCalls<Protocol>(node, of(familyOf(x, y))), answerText);
      expectObservable(spread).toBe('--1-23(4|)', answers('yb', 'yc', 'xa', 'yd'));
    });
  });

  it('gives each reply with its request and the port that answered', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 2);
    world.draw(30, ({ cold, expectObservable }) => {
      const spread = cold('a|').pipe(ask, spreadCalls<Protocol>(node, of(familyOf(x))));
      expectObservable(spread).toBe('--(r|)', { r: { request: ['ask', 'a'], reply: ['xa'], port: x.id, attempts: 1 } });
    });
  });

  it('waits until a port is there, and gives calls to those that join at once', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [worker(node, 'x', 3), worker(node, 'y', 3)];
    const family = changes({ e: {}, x: { [x.id]: 1 }, y: { [y.id]: 1 } });
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const spread = cold('(abcd)').pipe(ask, spreadCalls<Protocol>(node, hot('e----x-y', family)), answerText);
      expectObservable(spread).toBe('--------1-23-4', answers('xa', 'yb', 'xc', 'yd'));
    });
  });

  it('gives no more calls to a port that has left; those under way go on', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [worker(node, 'x', 4), worker(node, 'y', 6)];
    const family = changes({ a: { [x.id]: 1, [y.id]: 1 }, d: { [x.id]: undefined } });
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const spread = cold('(abc|)').pipe(ask, spreadCalls<Protocol>(node, hot('a-d', family)), answerText);
      expectObservable(spread).toBe('----1-2-----(3|)', answers('xa', 'yb', 'yc'));
    });
  });

  it('completes when the requests have and every call is over', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 2);
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const family$ = hot('x---', { x: familyOf(x) });
      expectObservable(cold('-----|').pipe(ask, spreadCalls<Protocol>(node, family$))).toBe('-----|');
      expectObservable(cold('-a---|').pipe(ask, spreadCalls<Protocol>(node, family$), answerText)).toBe('---1-|', answers('xa'));
    });
    expect(world.clock.pending).toBe(0);
  });
});

describe('spreadCalls, how it behaves', () => {
  it('leaves out keys that are no port ids, `__proto__` included, and logs them', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 1);
    const family = changes({ a: { ['__proto__']: 1, a: 1, 'a#': 1, '#x': 1 }, b: { constructor: 1, [x.id]: 1 } });
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const spread = cold('(ab|)').pipe(ask, spreadCalls<Protocol>(node, hot('a--b', family), { perPort: 9 }), answerText);
      expectObservable(spread).toBe('----(12|)', answers('xa', 'xb'));
    });
    expect(node.log.lines).toEqual(Array(5).fill('warn left out a key that is no port id: it can not be called'));
  });

  it('knows all ports also where a shared stream gives late subscribers the last change only', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [worker(node, 'x', 2), worker(node, 'y', 2)];
    const family = changes({ x: { [x.id]: 1 }, y: { [y.id]: 1 } });
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const shared$ = hot('xy', family).pipe(shareReplay({ bufferSize: 1, refCount: false }));
      shared$.subscribe();
      const spread = cold('---(ab|)').pipe(ask, spreadCalls<Protocol>(node, shared$), answerText);
      expectObservable(spread, '--^').toBe('-------(12|)', answers('xa', 'yb'));
    });
  });

  it('calls ports that answer at once, however many requests there are, and requests that come of replies', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 0);
    const more$ = new Subject<readonly ['ask', string]>();
    let replies = 0;
    more$.pipe(spreadCalls<Protocol>(node, of(familyOf(x)))).subscribe({
      next: () => (++replies < 20_000 ? more$.next(['ask', 'n']) : more$.complete()),
    });
    more$.next(['ask', 'first']);
    const many = range(0, 20_000).pipe(
      map(() => ['ask', 'n'] as const),
      spreadCalls<Protocol>(node, of(familyOf(x))),
      count(),
    );
    expect(await settled(world.clock, firstValueFrom(many))).toBe(20_000);
    expect(replies).toBe(20_000);
    await world.close();
  });

  it('follows a family that changes with a reply', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [worker(node, 'x', 0), worker(node, 'y', 0)];
    const values = changes({ x: { [x.id]: 1 }, y: { [y.id]: 1, [x.id]: undefined } });
    const family$ = new BehaviorSubject(values.x);
    const seen: string[] = [];
    const letters = from(['a', 'b', 'c', 'd']).pipe(ask, spreadCalls<Protocol>(node, family$), answerText);
    letters.subscribe((text) => {
      seen.push(text);
      if (text === 'xb') family$.next(values.y);
    });
    world.clock.runFor(10);
    expect(seen).toEqual(['xa', 'xb', 'yc', 'yd']);
    await world.close();
  });

  it('unsubscribing ends everything: calls, the watch of the family, timers', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const asked: string[] = [];
    const ended: string[] = [];
    const mute: Port<Protocol> = node.rcv(node.port<Protocol>(), {
      ask: (letter, to) => {
        asked.push(letter);
        // the reply port goes with the call
        node.mon(to, () => ended.push(letter));
      },
    });
    const atTen: string[] = [];
    world.draw(5_000, ({ cold, hot, play, expectObservable }) => {
      const family$ = hot('f', { f: familyOf(mute) }).pipe(finalize(() => ended.push('family')));
      const requests = cold('(abcd)').pipe(ask, finalize(() => ended.push('requests')));
      // a has timed out, and its port is ejected
      expectObservable(requests.pipe(spreadCalls(node, family$, { timeout: 3, ejectFor: 3_000 })), '^----!').toBe('');
      // a and b are under way
      expectObservable(requests.pipe(spreadCalls(node, family$, { perPort: 2, timeout: 4_000 })), '^-------!').toBe('');
      play('----------x', { x: () => atTen.push(...ended) });
    });
    expect(atTen.sort()).toEqual(['a', 'a', 'b', 'family', 'family', 'requests', 'requests']);
    expect(asked).toEqual(['a', 'a', 'b']);
    expect(world.clock.pending).toBe(0);
  });

  it('so does a reply that is the last one wanted, also of requests without end', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const asked: string[] = [];
    const x: Port<Protocol> = node.rcv(node.port<Protocol>(), {
      ask: (letter, to) => {
        asked.push(letter);
        node.snd(to, letter);
      },
    });
    function* endless(): Iterable<readonly ['ask', string]> {
      for (let i = 0; ; i++) yield ['ask', String(i)];
    }
    const texts = from(endless()).pipe(spreadCalls<Protocol>(node, of(familyOf(x))), answerText, take(2), toArray());
    expect(await settled(world.clock, firstValueFrom(texts))).toEqual(['0', '1']);
    expect(asked).toEqual(['0', '1']);
    // these waited for a port, and there is room for both
    const family$ = new Subject<FamilyChange>();
    const waiting = from(['a', 'b']).pipe(ask, spreadCalls<Protocol>(node, family$, { perPort: 2 }), take(1));
    waiting.subscribe();
    family$.next(familyOf(x));
    expect(asked).toEqual(['0', '1', 'a']);
    await world.close();
  });

  it('an error of the requests or of the family ends it', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 9);
    let requested = false;
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const requests = cold('a--#', { a: 'a' }, 'bad request').pipe(ask);
      expectObservable(requests.pipe(spreadCalls(node, of(familyOf(x))))).toBe('---#', {}, 'bad request');
      const family$ = hot('x-#', { x: familyOf(x) }, 'bad family');
      expectObservable(cold('a').pipe(ask, spreadCalls(node, family$))).toBe('--#', {}, 'bad family');
      const broken = new Error('broken');
      const requested$ = defer(() => {
        requested = true;
        return NEVER;
      });
      expectObservable(requested$.pipe(spreadCalls(node, throwError(() => broken)))).toBe('#', {}, broken);
    });
    expect(requested).toBe(false);
  });
});
