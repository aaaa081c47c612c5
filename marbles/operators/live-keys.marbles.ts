import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange } from 'rxmp';
import { liveKeys } from 'rxmp/operators';
import { runMarbles } from 'rxmp/testing';
import { changes } from './changes.js';

describe('liveKeys', () => {
  it('gives the keys that are there, then all of them whenever one comes or goes', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { x: 1, y: 1 }, b: { z: 1 }, c: { x: undefined, w: 1 }, d: { y: undefined } });
      const keys$ = hot('a-b-c-d-|', values).pipe(liveKeys(), map((keys) => keys.join(' ')));
      expectObservable(keys$).toBe('1-2-3-4-|', { 1: 'x y', 2: 'x y z', 3: 'y z w', 4: 'z w' });
    });
  });

  it('begins also with an empty family, and leaves changes of values out', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ e: {}, a: { x: 1 }, b: { x: 2 }, c: { x: 3 }, d: { x: undefined } });
      const keys$ = hot('e-abc-d', values).pipe(liveKeys());
      expectObservable(keys$).toBe('0-1---2', { 0: [], 1: ['x'], 2: [] });
    });
  });

  it('S29: takes any key for what it is', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { ['__proto__']: 1, constructor: 2 }, d: { ['__proto__']: undefined } });
      expectObservable(hot('-a-d', values).pipe(liveKeys())).toBe('-1-2', { 1: ['__proto__', 'constructor'], 2: ['constructor'] });
    });
  });

  it('does not look at families whose keys it does not give', () => {
    let looks = 0;
    const lazy = (add: readonly string[], chg: readonly string[]): FamilyChange<number> => ({
      add,
      chg,
      del: [],
      current: true,
      get family() {
        looks++;
        return new Map([['x', 1]]);
      },
    });
    runMarbles(({ hot, expectObservable }) => {
      const values = { a: lazy(['x'], []), c: lazy([], ['x']) };
      expectObservable(hot('-acccc', values).pipe(liveKeys())).toBe('-1', { 1: ['x'] });
    });
    expect(looks).toBe(1);
  });

  it('passes errors', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-#', changes({ a: { x: 1 } }), 'bad').pipe(liveKeys())).toBe('-1-#', { 1: ['x'] }, 'bad');
    });
  });
});
