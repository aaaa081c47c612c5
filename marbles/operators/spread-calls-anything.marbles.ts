import { BehaviorSubject, interval, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange, Port } from 'rxmp';
import { spreadCalls, type SpreadReply } from 'rxmp/operators';
import { createWorld } from '../world.js';
import type { Protocol } from './workers.js';

describe('spreadCalls, whatever happens', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives each request one reply, and calls no port that is not in the family (seed %i)', async (seed) => {
    const world = createWorld({ seed });
    const node = await world.start('a');
    const below = (n: number): number => world.random.octets(1)[0]! % n;
    const pick = <T>(items: readonly T[]): T | undefined => items[below(Math.max(items.length, 1))];

    let family: ReadonlyMap<string, number> = new Map();
    const change$ = new BehaviorSubject<FamilyChange<number>>({ family, add: [], chg: [], del: [], current: true });
    const set = (id: string): void => {
      const kept = family.has(id);
      family = new Map(family).set(id, below(9));
      change$.next({ family, add: kept ? [] : [id], chg: kept ? [id] : [], del: [], current: true });
    };
    const remove = (id: string): void => {
      family = new Map([...family].filter(([key]) => key !== id));
      change$.next({ family, add: [], chg: [], del: [id], current: true });
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
