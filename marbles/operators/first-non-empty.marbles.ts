import { catchError, EMPTY, EmptyError, finalize, firstValueFrom, of, timeout, TimeoutError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { firstNonEmpty } from 'rxmp/operators';
import { runMarbles } from 'rxmp/testing';
import { changes } from './changes.js';

describe('firstNonEmpty', () => {
  it('gives the family once something is in it, and completes', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ e: {}, a: { x: 1 }, b: { y: 2 } });
      expectObservable(hot('-e--a-b', values).pipe(firstNonEmpty())).toBe('----(f|)', { f: new Map([['x', 1]]) });
    });
  });

  it('gives it at once if something is in it, be it called `__proto__`', () => {
    runMarbles(({ hot, expectObservable }) => {
      const values = changes({ a: { ['__proto__']: 1 }, d: { ['__proto__']: undefined } });
      expectObservable(hot('-a-d', values).pipe(firstNonEmpty())).toBe('-(f|)', { f: new Map([['__proto__', 1]]) });
    });
  });

  it('unsubscribes from the source with that', () => {
    const ended: number[] = [];
    runMarbles(({ hot, expectObservable, clock }) => {
      const source = hot('-a', changes({ a: { x: 1 } })).pipe(finalize(() => ended.push(clock.now())));
      expectObservable(source.pipe(firstNonEmpty())).toBe('-(f|)', { f: new Map([['x', 1]]) });
    });
    expect(ended).toEqual([1]);
  });

  it('errors when the source completes before, and passes its errors', async () => {
    await expect(firstValueFrom(EMPTY.pipe(firstNonEmpty()))).rejects.toBeInstanceOf(EmptyError);
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('e--#', changes({ e: {} }), 'bad').pipe(firstNonEmpty())).toBe('---#', {}, 'bad');
    });
  });

  it('waits no longer than `timeout` says', () => {
    runMarbles(({ hot, expectObservable, clock }) => {
      const patient = hot('e--------', changes({ e: {} })).pipe(firstNonEmpty(), timeout({ first: 50, scheduler: clock }));
      expectObservable(patient.pipe(catchError((error: unknown) => of(error instanceof TimeoutError)))).toBe('50ms (t|)', {
        t: true,
      });
    });
  });
});
