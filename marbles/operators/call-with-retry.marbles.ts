import { delay, firstValueFrom, map, mergeMap, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CallTimeout, PortDied, type MpNode, type Port, type PortId } from 'rxmp';
import { callWithRetry } from 'rxmp/operators';
import { settled } from 'rxmp/testing';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

type Protocol = ['ask', letter: string, PortId<[string]>];

/** A port that answers, or not, as `serve` says; it counts the calls from 1. */
function server(node: MpNode, serve: (call: number, letter: string, reply: PortId<[string]>) => void): Port<Protocol> {
  let calls = 0;
  return node.rcv(node.port<Protocol>(), {
    ask: (letter, reply) => {
      serve(++calls, letter, reply);
    },
  });
}

const ask = map((letter: string) => ['ask', letter] as const);
const first = map(([letter]: readonly [string]) => letter);

describe('callWithRetry', () => {
  it('S1: calls with each message, one after the other, and gives the replies in that order', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = server(node, (_, letter, reply) => node.after(3, reply, letter.toUpperCase()));
    world.draw(30, ({ cold, expectObservable }) => {
      expectObservable(cold('abc|').pipe(ask, callWithRetry(node, port), first)).toBe('---A--B--(C|)');
    });
  });

  it('keeps as many calls under way as `concurrency` says, also with retries', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let open = 0;
    let most = 0;
    const port = server(node, (_, letter, reply) => {
      most = Math.max(most, ++open);
      node.after(letter === 'a' ? 9 : 2, () => {
        open--;
        node.snd(reply, letter);
      });
    });
    world.draw(40, ({ cold, expectObservable }) => {
      const called = cold('(abcdef|)').pipe(ask, callWithRetry(node, port, { concurrency: 2 }), first);
      expectObservable(called).toBe('--b-c-d-ea(f|)');
    });
    expect(most).toBe(2);
  });

  it('calls again after a timeout, with growing delays, up to `count` times', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const times: number[] = [];
    const begin = node.clock.now();
    const port = server(node, (call, letter, reply) => {
      times.push(node.clock.now() - begin);
      if (call === 4) node.snd(reply, letter);
    });
    const options = { timeout: 5, count: 3, delay: { initial: 10, factor: 3, max: 25 } };
    world.draw(100, ({ cold, expectObservable }) => {
      // 5, then 10; 5, then 25 instead of 30; 5, then 25 instead of 90
      expectObservable(cold('a|').pipe(ask, callWithRetry(node, port, options), first)).toBe('75ms (a|)');
    });
    expect(times).toEqual([0, 15, 45, 75]);
  });

  it('fails with the last error when it has been repeated `count` times', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let calls = 0;
    const port = server(node, (call) => (calls = call));
    world.draw(100, ({ cold, expectObservable }) => {
      const called = cold('a-b').pipe(ask, callWithRetry(node, port, { timeout: 5, count: 2, delay: 1 }));
      expectObservable(called).toBe('17ms #', undefined, new CallTimeout(port.id, 5));
    });
    expect(calls).toBe(3);
  });

  it('S3: a dead port counts at once; each attempt may go to another port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const alive = server(node, (_, letter, reply) => node.snd(reply, letter));
    const asked: unknown[] = [];
    world.draw(30, ({ cold, expectObservable }) => {
      const target = (message: readonly [string, string], attempt: number): PortId<Protocol> => {
        asked.push([...message, attempt]);
        return attempt < 3 ? ('a#nobody' as PortId<Protocol>) : alive.id;
      };
      expectObservable(cold('-a|').pipe(ask, callWithRetry(node, target, { delay: 2 }), first)).toBe('-----(a|)');
      const dead = new PortDied('a#nobody', ['no_such_port', 'cannot monitor nonexistent port', 'a#nobody']);
      expectObservable(cold('-a|').pipe(ask, callWithRetry(node, 'a#nobody', { count: 0 }))).toBe('-#', undefined, dead);
    });
    expect(asked).toEqual([['ask', 'a', 1], ['ask', 'a', 2], ['ask', 'a', 3]]);
  });

  it('S13: a call whose node is lost goes elsewhere', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const there = server(b, () => undefined);
    const here = server(a, (_, letter, reply) => a.snd(reply, letter));
    world.draw(50, ({ cold, play, expectObservable }) => {
      const target = (_: unknown, attempt: number): PortId<Protocol> => (attempt === 1 ? there.id : here.id);
      expectObservable(cold('a|').pipe(ask, callWithRetry(a, target, { delay: 4 }), first)).toBe('10ms (a|)');
      play('------c', { c: () => world.network.cut('a', 'b') });
    });
  });

  it('waits for the port that a promise gives', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = server(node, (_, letter, reply) => node.snd(reply, letter));
    const called = of(['ask', 'p'] as const).pipe(callWithRetry(node, () => Promise.resolve(port)));
    expect(await settled(world.clock, firstValueFrom(called))).toEqual(['p']);
    await world.close();
  });

  it('waits for the port that a stream gives, for each attempt anew', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = server(node, (call, letter, reply) => {
      if (call > 1) node.snd(reply, letter);
    });
    world.draw(50, ({ cold, expectObservable }) => {
      const port$ = of(port.id).pipe(delay(3, node.clock));
      expectObservable(cold('a|').pipe(ask, callWithRetry(node, port$, { timeout: 2 }), first)).toBe('8ms (a|)');
      const none = cold('a|').pipe(ask, callWithRetry(node, new Subject<PortId<Protocol>>()));
      expectObservable(none).toBe('');
    });
  });

  it('repeats only for what `retryOn` names; other errors pass at once', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = server(node, () => undefined);
    const bad = new Error('no idea where');
    world.draw(50, ({ cold, expectObservable }) => {
      const options = { timeout: 5, delay: 1 };
      const never = cold('a|').pipe(ask, callWithRetry(node, port, { ...options, retryOn: () => false }));
      expectObservable(never).toBe('-----#', undefined, new CallTimeout(port.id, 5));
      const nowhere = (): PortId<Protocol> => {
        throw bad;
      };
      expectObservable(cold('-a|').pipe(ask, callWithRetry(node, nowhere, options))).toBe('-#', undefined, bad);
      const source = throwError(() => bad).pipe(callWithRetry(node, port));
      expectObservable(source).toBe('#', undefined, bad);
    });
  });

  it('S15: a death that no subscriber handles is logged by the node, not thrown', async () => {
    const world = createWorld();
    const node = await world.start('a');
    world.draw(20, ({ cold }) => {
      cold('a').pipe(ask, callWithRetry(node, 'a#nobody', { count: 0 })).subscribe();
    });
    // RxJS reports it in a timer of its own, on real time
    await new Promise((resolve) => setTimeout(resolve, 5));
    world.clock.runFor(0);
    expect(node.log.lines).toContainEqual(expect.stringMatching(/^warn no subscriber handled: port a#nobody died: no_such_port/));
  });

  it('unsubscribing gives the calls up and leaves no timer', async () => {
    const world = createWorld();
    const node = await world.start('a');
    let calls = 0;
    const port = server(node, (call) => (calls = call));
    world.draw(3_000, ({ cold, expectObservable }) => {
      const called = cold('(ab)').pipe(ask, callWithRetry(node, port, { timeout: 5, delay: 10, concurrency: 2 }));
      expectObservable(called, '^-------!').toBe('');
      const inside = cold('a').pipe(ask, mergeMap((message) => of(message).pipe(callWithRetry(node, port))));
      expectObservable(inside, '         ^-!').toBe('');
    });
    expect(calls).toBe(3);
    expect(world.clock.pending).toBe(0);
  });

  it.each([
    [{ count: -1 }, 'count is -1'],
    [{ concurrency: 0 }, 'concurrency is 0'],
    [{ delay: -5 }, 'delay is -5'],
    [{ delay: { initial: 1, factor: 0.5 } }, 'delay is {"initial":1,"factor":0.5}'],
  ])('refuses %j at once', async (options, message) => {
    const node = await createWorld().start('a');
    expect(() => callWithRetry(node, 'a#port', options)).toThrow(message);
  });
});
