import { filter, from, map, Observable, Subscription, type ObservableInput, type OperatorFunction } from 'rxjs';
import { canonical } from './core/canonical.js';
import type { ScopeEvent } from './scope-types.js';

/**
 * One inner stream for each match while it is there: subscribed when it comes, unsubscribed when it goes. An error of one
 * is an error of the result. Messages are left out.
 *
 * @example
 * scope.observe({ type: 'present', who: $ }).pipe(during(({ who }) => scope.asserting({ type: 'greeted', who }))).subscribe();
 */
export function during<C, R>(project: (captures: C) => ObservableInput<R>): OperatorFunction<ScopeEvent<C>, R> {
  return (events$) =>
    new Observable<R>((subscriber) => {
      const running = new Map<string, Subscription>();
      const begin = (key: string, captures: C): void => {
        const inner = new Subscription();
        running.set(key, inner);
        try {
          inner.add(
            from(project(captures)).subscribe({
              next: (value) => { subscriber.next(value); },
              error: (error: unknown) => { subscriber.error(error); },
            }),
          );
        } catch (error) {
          subscriber.error(error);
        }
      };
      subscriber.add(() => {
        for (const inner of running.values()) inner.unsubscribe();
      });
      subscriber.add(
        events$.subscribe({
          next({ kind, captures }) {
            // matches that are there already come before the subscription can be ended
            if (subscriber.closed) return;
            const key = canonical(captures);
            if (kind === 'add') begin(key, captures);
            if (kind !== 'del') return;
            const inner = running.get(key);
            running.delete(key);
            inner?.unsubscribe();
          },
          error: (error: unknown) => { subscriber.error(error); },
          complete: () => { subscriber.complete(); },
        }),
      );
    });
}

/**
 * The matches that are there, after each change. With `scope.turns(pattern)` as its source once for each turn.
 *
 * @example
 * scope.turns({ type: 'present', who: $ }).pipe(current()).subscribe((present) => console.log(present.map(({ who }) => who)));
 */
export function current<C>(): OperatorFunction<ScopeEvent<C> | readonly ScopeEvent<C>[], readonly C[]> {
  return (events$) =>
    new Observable((subscriber) => {
      const present = new Map<string, C>();
      return events$.subscribe({
        next(events) {
          const changes = (isBatch(events) ? events : [events]).filter(({ kind }) => kind !== 'msg');
          for (const { kind, captures } of changes) {
            if (kind === 'add') present.set(canonical(captures), captures);
            else present.delete(canonical(captures));
          }
          if (changes.length > 0) subscriber.next([...present.values()]);
        },
        error: (error: unknown) => { subscriber.error(error); },
        complete: () => { subscriber.complete(); },
      });
    });
}

const isBatch = <C>(events: ScopeEvent<C> | readonly ScopeEvent<C>[]): events is readonly ScopeEvent<C>[] => Array.isArray(events);

/** What the pattern captures of messages; matches are left out. */
export function messages<C>(): OperatorFunction<ScopeEvent<C>, C> {
  return (events$) =>
    events$.pipe(
      filter(({ kind }) => kind === 'msg'),
      map(({ captures }) => captures),
    );
}
