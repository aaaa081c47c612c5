import { catchError, of, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CallTimeout, PortDied, type Message, type Port } from 'rxmp';
import { reply, spreadCalls } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { changes } from './changes.js';
import { answers, answerText, ask, familyOf, mute, worker, type Protocol } from './workers.js';

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
