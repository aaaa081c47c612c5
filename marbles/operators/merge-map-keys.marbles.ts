import { EMPTY, endWith, finalize, map, NEVER, reduce, shareReplay, Subject, switchMap, tap, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange } from 'rxmp';
import { mergeMapKeys } from 'rxmp/operators';
import { runMarbles } from 'rxmp/testing';
import { changes } from './changes.js';

const labelled = (key: string, value$: Observable<number>): Observable<string> => value$.pipe(map((value) => `${key}${value}`));

describe('mergeMapKeys', () => {
  it('has one inner stream for each key, from when it comes to when it goes', () => {
    runMarbles(({ hot, cold, expectObservable }) => {
      const values = changes({ a: { x: 1 }, b: { y: 1 }, d: { x: undefined }, e: { y: undefined } });
      const ticks = (key: string): Observable<string> => cold('0--1--2--3--4').pipe(map((n) => key + n));
      expectObservable(hot('-a-b-----d-e', values).pipe(mergeMapKeys(ticks))).toBe('-a-bc-de-f', {
        a: 'x0',
        b: 'y0',
        c: 'x1',
        d: 'y1',
        e: 'x2',
        f: 'y2',
      });
    });
  });

  it('gives each the values of its key: the present one, then every other one, and their end', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { x: 1, y: 5 }, b: { x: 2 }, c: { y: 6, x: 3 }, d: { x: undefined } });
      const project = (key: string, value$: Observable<number>) => labelled(key, value$).pipe(endWith(`${key}!`));
      const letters = { a: 'x1', b: 'y5', c: 'x2', d: 'y6', e: 'x3', f: 'x!' };
      expectObservable(hot('-a-----b--c------d', values).pipe(mergeMapKeys(project))).toBe('-(ab)--c--(de)---f', letters);
    });
  });

  it('gives the present value also to who subscribes late, and a reduction of all values its end', () => {
    runMarbles(({ hot, expectObservable, clock }) => {
      const values = changes({ a: { x: 1 }, b: { x: 2 }, c: { x: 3 }, d: { x: undefined } });
      const late = (_: string, value$: Observable<number>) => timer(3, clock).pipe(switchMap(() => value$));
      expectObservable(hot('-ab---c-d', values).pipe(mergeMapKeys(late))).toBe('    ----2-3', { 2: 2, 3: 3 });
      const sum = (_: string, value$: Observable<number>) => value$.pipe(reduce((all, value) => all + value, 0));
      expectObservable(hot('-ab---c-d', values).pipe(mergeMapKeys(sum))).toBe('     --------6', { 6: 6 });
    });
  });

  it('begins anew with a key that comes back', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { x: 1 }, d: { x: undefined }, b: { x: 2 } });
      let calls = 0;
      const project = (key: string, value$: Observable<number>) => {
        const call = ++calls;
        return value$.pipe(map((value) => `${call}: ${key}${value}`));
      };
      expectObservable(hot('-a--d-b', values).pipe(mergeMapKeys(project))).toBe('-a----b', { a: '1: x1', b: '2: x2' });
    });
  });

  it('S29: keeps `__proto__` and `constructor` apart', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { ['__proto__']: 1, constructor: 2 }, b: { constructor: 3 }, d: { ['__proto__']: undefined } });
      const project = (key: string, value$: Observable<number>) => labelled(key, value$).pipe(endWith(`${key}!`));
      const letters = { a: '__proto__1', b: 'constructor2', c: 'constructor3', d: '__proto__!' };
      expectObservable(hot('-a-----b--d', values).pipe(mergeMapKeys(project))).toBe('-(ab)--c--d', letters);
    });
  });

  it('completes when the source and the inner streams have; those that run go on, without further values', () => {
    runMarbles(({ hot, cold, expectObservable }) => {
      const values = changes({ a: { x: 1 } });
      expectObservable(hot('-a-|', values).pipe(mergeMapKeys(() => cold('-1---2|')))).toBe('--1---2|');
      expectObservable(hot('-a-|', values).pipe(mergeMapKeys(labelled))).toBe('-a-|', { a: 'x1' });
      expectObservable(hot('-a---|', values).pipe(mergeMapKeys(() => EMPTY))).toBe('-----|');
    });
  });

  it('errors with the source, an inner stream and `project`, which ends all others', () => {
    const running = new Set<string>();
    const watched = (key: string): Observable<never> =>
      NEVER.pipe(
        tap({
          subscribe: () => running.add(key),
          finalize: () => running.delete(key),
        }),
      );
    runMarbles(({ hot, cold, expectObservable }) => {
      const values = changes({ a: { x: 1 }, b: { y: 1 } });
      expectObservable(hot('-a-b--#', values, 'bad').pipe(mergeMapKeys(watched))).toBe('------#', {}, 'bad');
      const inner = (key: string) => (key === 'y' ? cold('-#', {}, 'bad') : watched(key));
      expectObservable(hot('-a-b', values).pipe(mergeMapKeys(inner))).toBe('----#', {}, 'bad');
      const project = (key: string) => {
        if (key === 'y') throw new Error('no y');
        return watched(key);
      };
      expectObservable(hot('-a-b', values).pipe(mergeMapKeys(project))).toBe('---#', {}, new Error('no y'));
    });
    expect(running.size).toBe(0);
  });

  it('unsubscribing ends all inner streams', () => {
    const ended: string[] = [];
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { x: 1, y: 1 }, b: { z: 1 } });
      const endless = (key: string) => NEVER.pipe(finalize(() => ended.push(key)));
      expectObservable(hot('-a-b', values).pipe(mergeMapKeys(endless)), '^--!').toBe('');
    });
    expect(ended).toEqual(['x', 'y']);
  });

  it('takes changes that an inner stream causes at once one after the other', () => {
    const values = changes({ a: { x: 1, y: 1 }, d: { y: undefined }, b: { x: 2 } });
    const change$ = new Subject<FamilyChange<number>>();
    const seen: string[] = [];
    change$
      .pipe(
        mergeMapKeys((key, value$) => {
          // y goes before its stream has begun
          if (key === 'x') change$.next(values.d);
          return labelled(key, value$).pipe(endWith(`${key}!`));
        }),
      )
      .subscribe((text) => seen.push(text));
    change$.next(values.a);
    change$.next(values.b);
    expect(seen).toEqual(['x1', 'y1', 'y!', 'x2']);
  });

  it('knows all keys also where a shared stream gives late subscribers the last change only', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { x: 1 }, b: { y: 1 }, c: { x: 2 } });
      const shared$ = hot('-ab----c', values).pipe(shareReplay({ bufferSize: 1, refCount: false }));
      shared$.subscribe();
      const letters = { a: 'x1', b: 'y1', c: 'x2' };
      expectObservable(shared$.pipe(mergeMapKeys(labelled)), '---^').toBe('---(ab)c', letters);
    });
  });
});
