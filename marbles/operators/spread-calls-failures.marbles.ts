import { BehaviorSubject, catchError, EMPTY, interval, map, of, take, tap, throwIfEmpty } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CallTimeout, PortDied, type FamilyChange, type Message, type MpNode, type Port } from 'rxmp';
import { reply, spreadCalls, type SpreadReply } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { changes } from './changes.js';
import { connected } from './connected.js';
import { answers, answerText, ask, familyOf, worker, type Protocol } from './workers.js';

/** A port that never answers, and the letters that it was asked. */
function mute(node: MpNode): { readonly port: Port<Protocol>; readonly asked: string[] } {
  const asked: string[] = [];
  return { port: node.rcv(node.port<Protocol>(), { ask: (letter) => asked.push(letter) }), asked };
}

describe('spreadCalls, when a port dies', () => {
  it('repeats its calls at other ports, before other requests, and calls it no more', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [mute(node), worker(node, 'y', 2)];
    world.draw(30, ({ cold, play, expectObservable }) => {
      const family$ = of(familyOf(x.port, y));
      const spread = cold('(abcde|)').pipe(ask, spreadCalls<Protocol>(node, family$), answerText);
      // y has b, then c; a is next, and d waits
      expectObservable(spread).toBe('--1-2-3-4-(5|)', answers('yb', 'yc', 'ya', 'yd', 'ye'));
      play('---k', { k: () => node.kil(x.port, 'broken') });
    });
    expect(x.asked).toEqual(['a']);
  });

  it('S12: so does a normal kill, S3: and a port that is not there', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [mute(node), worker(node, 'y', 4)];
    const tried: number[] = [];
    world.draw(30, ({ cold, play, expectObservable }) => {
      const family$ = of(familyOf({ id: 'a#nobody' }, x.port, y));
      const spread = cold('(ab|)').pipe(ask, spreadCalls<Protocol>(node, family$), tap(({ attempts }) => tried.push(attempts)), answerText);
      expectObservable(spread).toBe('----1---(2|)', answers('yb', 'ya'));
      play('--k', { k: () => node.kil(x.port) });
    });
    expect(x.asked).toEqual(['a']);
    // nobody, x, y
    expect(tried).toEqual([1, 3]);
  });

  it('waits for a new port if it was the last one', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [mute(node), worker(node, 'y', 2)];
    const family = changes({ x: { [x.port.id]: 1 }, d: { [x.port.id]: undefined }, y: { [y.id]: 1 } });
    world.draw(30, ({ cold, hot, play, expectObservable }) => {
      const spread = cold('(ab|)').pipe(ask, spreadCalls<Protocol>(node, hot('x---d--y', family)), answerText);
      expectObservable(spread).toBe('---------1-(2|)', answers('ya', 'yb'));
      play('---k', { k: () => node.kil(x.port, 'broken') });
    });
  });

  it('repeats the calls of one that has left the family, too', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const [x, y] = [mute(node), worker(node, 'y', 2)];
    const family = changes({ x: { [x.port.id]: 1 }, y: { [y.id]: 1, [x.port.id]: undefined } });
    world.draw(30, ({ cold, hot, play, expectObservable }) => {
      const spread = cold('a|').pipe(ask, spreadCalls<Protocol>(node, hot('x-y', family)), answerText);
      expectObservable(spread).toBe('-------(1|)', answers('ya'));
      play('-----k', { k: () => node.kil(x.port, 'broken') });
    });
  });

  it('gives up with the last error after `count` repetitions, and ends all other calls', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const killed: Port<Protocol>[] = [];
    const mortal = (): Port<Protocol> => {
      const port: Port<Protocol> = node.rcv(node.port<Protocol>(), {
        ask: (letter) => {
          if (letter !== 'a') return;
          node.after(2, () => {
            killed.push(port);
            node.kil(port, 'poisoned');
          });
        },
      });
      return port;
    };
    const ports = Array.from({ length: 9 }, mortal);
    world.draw(50, ({ cold, expectObservable }) => {
      const spread = cold('(ab|)').pipe(ask, spreadCalls(node, of(familyOf(...ports)), { count: 2 }));
      expectObservable(spread).toBe('------#', {}, new PortDied(ports[3]!.id, ['poisoned']));
    });
    expect(killed).toEqual([ports[0], ports[2], ports[3]]);
  });

  it('S5: one that refuses a request is not asked again, nor another one: the result has the reason', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let asked = 0;
    const fussy = (): Port<Protocol> => {
      const port = node.port<Protocol>();
      const check = (letter: string): [string] => {
        asked++;
        if (letter === 'b') throw new Error('I take no b');
        return [letter];
      };
      node.rcv(port, 'ask').pipe(reply(node, ([letter]) => check(letter))).subscribe();
      return port;
    };
    const family = familyOf(fussy(), fussy());
    const failures: unknown[] = [];
    world.draw(50, ({ cold }) => {
      const letters = cold('a-b-c|').pipe(ask);
      letters.pipe(spreadCalls(node, of(family))).subscribe({ error: (error: unknown) => failures.push(error) });
      // unless that is wanted
      const options = { retryOn: (error: unknown) => error instanceof PortDied, count: 4 };
      letters.pipe(spreadCalls(node, of(family), options)).subscribe({ error: (error: unknown) => failures.push(error) });
    });
    expect(failures).toMatchObject([{ reason: ['die', 'I take no b'] }, { reason: ['die', 'I take no b'] }]);
    expect(asked).toBe(2 + 1 + 5);
  });

  it('repeats a call elsewhere rather than where it has failed, if `retryOn` wants that, even where there is more to do', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const refused: string[] = [];
    const x: Port<Protocol> = node.rcv(node.port<Protocol>(), {
      ask: (letter, to) => {
        refused.push(letter);
        node.kil(to, 'refused');
      },
    });
    const y = worker(node, 'y', 5);
    world.draw(50, ({ cold, expectObservable }) => {
      const options = { perPort: 2, retryOn: () => true };
      const letters = cold('a-b|').pipe(ask, spreadCalls<Protocol>(node, of(familyOf(y, x)), options), answerText);
      expectObservable(letters).toBe('-----1-(2|)', answers('ya', 'yb'));
    });
    expect(refused).toEqual(['b']);
  });

  it('repeats no call that can not be made, and only what `retryOn` names', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = mute(node).port;
    const bad = new Error('what is that');
    world.draw(50, ({ cold, expectObservable }) => {
      const nothing = cold('-n', { n: null as unknown as Message }).pipe(
        spreadCalls(node, of(familyOf(x))),
        catchError((error: unknown) => of(error instanceof TypeError)),
      );
      expectObservable<unknown>(nothing).toBe('-(t|)', { t: true });
      // not a RangeError: no recursion
      const stubborn = cold('-n', { n: null as unknown as Message }).pipe(
        spreadCalls(node, of(familyOf(x)), { retryOn: () => true, count: 2_000 }),
        catchError((error: unknown) => of(error instanceof TypeError)),
      );
      expectObservable<unknown>(stubborn).toBe('-(t|)', { t: true });
      const never = cold('a').pipe(ask, spreadCalls(node, of(familyOf(x)), { timeout: 5, retryOn: () => false }));
      expectObservable(never).toBe('-----#', {}, new CallTimeout(x.id, 5));
      const retryOn = (): boolean => {
        throw bad;
      };
      expectObservable(cold('a').pipe(ask, spreadCalls(node, of(familyOf(x)), { timeout: 5, retryOn }))).toBe('-----#', {}, bad);
    });
  });
});

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
      const closed = (port: Port<Protocol>) => new PortDied(port.id, ['transport_error', 'a', 'the calling node was closed']);
      for (const port of [x, y]) {
        const spread = cold('a|').pipe(ask, spreadCalls(a, of(familyOf(port)), { retryOn }));
        expectObservable(spread).toBe('-----#', {}, closed(port));
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

describe('spreadCalls, whatever happens', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives each request one reply, and calls no port that is not in the family (seed %i)', async (seed) => {
    const world = createWorld({ seed });
    const node = await world.start('a');
    const below = (n: number): number => world.random.octets(1)[0]! % n;
    const pick = <T>(items: readonly T[]): T | undefined => items[below(Math.max(items.length, 1))];

    let family: ReadonlyMap<string, number> = new Map();
    const change$ = new BehaviorSubject<FamilyChange<number>>({ family, add: [], chg: [], del: [] });
    const set = (id: string): void => {
      const kept = family.has(id);
      family = new Map(family).set(id, below(9));
      change$.next({ family, add: kept ? [] : [id], chg: kept ? [id] : [], del: [] });
    };
    const remove = (id: string): void => {
      family = new Map([...family].filter(([key]) => key !== id));
      change$.next({ family, add: [], chg: [], del: [id] });
    };

    const ports: Port<Protocol>[] = [];
    const strangers: string[] = [];
    const hire = (answers: boolean): void => {
      const port: Port<Protocol> = node.rcv(node.port<Protocol>(), {
        ask: (letter, to) => {
          if (!family.has(port.id)) strangers.push(port.id);
          if (answers) node.after(below(8), to, letter);
        },
      });
      ports.push(port);
      set(port.id);
    };
    const doSomething = (): void => {
      const port = pick(ports);
      const what = below(8);
      if (what === 0) hire(below(4) > 0);
      else if (port === undefined) return;
      else if (what === 1 && family.has(port.id)) remove(port.id);
      else if (what === 2) set(port.id);
      else if (what === 3) node.kil(port, ...(below(2) > 0 ? (['broken'] as const) : ([] as const)));
    };

    const results: SpreadReply<readonly ['ask', string], readonly [string]>[] = [];
    let completed = false;
    const options = { perPort: 2, timeout: 12, ejectFor: 5, count: Infinity } as const;
    interval(1, world.clock)
      .pipe(
        take(300),
        map((i) => ['ask', String(i)] as const),
        spreadCalls<Protocol>(node, change$, options),
      )
      .subscribe({ next: (result) => results.push(result), complete: () => (completed = true) });
    for (let i = 0; i < 400; i++) {
      doSomething();
      world.clock.runFor(1);
    }
    for (let i = 0; i < 5; i++) hire(true);
    world.clock.runFor(20_000);

    expect(completed).toBe(true);
    expect(results.filter(({ request, reply: [text] }) => request[1] !== text)).toEqual([]);
    const letters = results.map(({ request }) => Number(request[1])).sort((a, b) => a - b);
    expect(letters).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(strangers).toEqual([]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});
