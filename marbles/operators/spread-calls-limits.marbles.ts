import { NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Port } from 'rxmp';
import { spreadCalls, type SpreadCallsOptions, type SpreadStrategy } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { changes } from './changes.js';
import { answers, answerText, ask, familyOf, worker, type Protocol } from './workers.js';

describe('spreadCalls, how many calls', () => {
  /** The most calls that were under way at a time: at one port, and in all. */
  async function most(options: SpreadCallsOptions): Promise<readonly [onePort: number, all: number]> {
    const world = createWorld();
    const node = await world.start('a');
    const seen = { onePort: 0, all: 0 };
    let all = 0;
    const ports = [3, 5].map((ms) => {
      let here = 0;
      return node.rcv(node.port<Protocol>(), {
        ask: (letter, to) => {
          seen.onePort = Math.max(seen.onePort, ++here);
          seen.all = Math.max(seen.all, ++all);
          node.after(ms, () => {
            here--;
            all--;
            node.snd(to, letter);
          });
        },
      });
    });
    let replies = 0;
    world.draw(100, ({ cold }) => {
      cold('(abcdefghijkl|)').pipe(ask, spreadCalls<Protocol>(node, of(familyOf(...ports)), options)).subscribe(() => replies++);
    });
    expect(replies).toBe(12);
    return [seen.onePort, seen.all];
  }

  it('one at each port', async () => {
    expect(await most({})).toEqual([1, 2]);
  });

  it('or as many as `perPort` says', async () => {
    expect(await most({ perPort: 3 })).toEqual([3, 6]);
  });

  it('and no more than `concurrency` in all', async () => {
    expect(await most({ perPort: 3, concurrency: 4 })).toEqual([2, 4]);
    expect(await most({ perPort: Infinity, concurrency: 7, strategy: 'round-robin' })).toEqual([5, 7]);
  });

  it('a port that leaves and comes back while calls to it are under way gets no more than it may have', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const x = worker(node, 'x', 6);
    const family = changes({ a: { [x.id]: 1 }, d: { [x.id]: undefined }, b: { [x.id]: 2 } });
    world.draw(30, ({ cold, hot, expectObservable }) => {
      const spread = cold('(abc|)').pipe(ask, spreadCalls<Protocol>(node, hot('a-d-b', family), { perPort: 2 }), answerText);
      expectObservable(spread).toBe('------(12)--(3|)', answers('xa', 'xb', 'xc'));
    });
  });

  it.each([
    [{ perPort: 0 }, 'perPort is 0'],
    [{ concurrency: 0.5 }, 'concurrency is 0.5'],
    [{ count: -1 }, 'count is -1'],
    [{ ejectFor: NaN }, 'ejectFor is NaN'],
  ])('refuses %j at once', async (options, message) => {
    const node = await createWorld().start('a');
    expect(() => spreadCalls(node, NEVER, options)).toThrow(message);
  });
});

describe('spreadCalls, which port', () => {
  /** The names of the ports in the order in which they are called; x takes 9 ms for an answer, y takes 2, and so does z, which joins after 7. */
  async function called(strategy: SpreadStrategy | undefined): Promise<string> {
    const world = createWorld();
    const node = await world.start('a');
    let order = '';
    const ports = { x: 9, y: 2, z: 2 };
    const [x, y, z] = Object.entries(ports).map(([name, ms]) =>
      node.rcv(node.port<Protocol>(), {
        ask: (letter, to) => {
          order += name;
          node.after(ms, to, letter);
        },
      }),
    ) as [Port<Protocol>, Port<Protocol>, Port<Protocol>];
    const family = changes({ a: { [x.id]: 1, [y.id]: 1 }, z: { [z.id]: 1 } });
    world.draw(60, ({ cold, hot }) => {
      const letters = cold('a--b--c--d--e--f--g--h|');
      letters.pipe(ask, spreadCalls<Protocol>(node, hot('a------z', family), { strategy, perPort: 4 })).subscribe();
    });
    return order;
  }

  it('by default, the one with the fewest calls under way, of several such each in turn', async () => {
    expect(await called(undefined)).toBe('xyyzxyzy');
    expect(await called('least-outstanding')).toBe('xyyzxyzy');
  });

  it('with `round-robin` each in turn; one that joins is next', async () => {
    expect(await called('round-robin')).toBe('xyxzyxzy');
  });
});
