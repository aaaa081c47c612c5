import { BehaviorSubject, concatMap, defer, EMPTY, from, mergeMap, Subject, takeUntil, tap } from 'rxjs';
import type { Observable, ObservableInput, OperatorFunction } from 'rxjs';
import type { FamilyChange } from '../src/api.js';

interface Life<V> {
  readonly value$: BehaviorSubject<V>;
  readonly gone$: Subject<void>;
}

interface KeyEvent<V> {
  readonly key: string;
  readonly family: ReadonlyMap<string, V>;
  readonly gone: boolean;
}

/**
 * One inner stream for each key that is in a family, as long as it is: `project` is called when a key comes, its stream is
 * unsubscribed when the key goes, and all results are merged. A key that comes back gets a new stream.
 *
 * Completes when the source and all inner streams have; a source that completes leaves those that run alone. An error of
 * any of them, or of `project`, is the result's. Unsubscribing ends them all.
 *
 * @param project Gets the key and a stream of its values: the present one to each subscriber, then every other one. It
 * completes with the source, or when the key goes, just before the inner stream is unsubscribed, so that a `reduce` of the
 * values gives its result.
 * For a new inner stream at each change of the value: `(key, value$) => value$.pipe(switchMap((value) => ...))`.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { mergeMapKeys } from 'rxmp/operators';
 * import { endWith, map, take } from 'rxjs';
 *
 * const node = await createNode();
 * node.dbSet('prices', 'tea', 3);
 * await node
 *   .dbMon<number>('prices')
 *   .pipe(
 *     mergeMapKeys((name, price$) =>
 *       price$.pipe(
 *         map((price) => `${name} costs ${price}`),
 *         endWith(`no more ${name}`),
 *       ),
 *     ),
 *     take(3),
 *   )
 *   .forEach((text) => {
 *     console.log(text); // tea costs 3, tea costs 4, no more tea
 *     if (text === 'tea costs 3') node.dbSet('prices', 'tea', 4);
 *     else node.dbDel('prices', 'tea');
 *   });
 * await node.close();
 * ```
 */
export function mergeMapKeys<V, R>(
  project: (key: string, value$: Observable<V>) => ObservableInput<R>,
): OperatorFunction<FamilyChange<V>, R> {
  return (source) =>
    defer(() => {
      const lives = new Map<string, Life<V>>();

      const follow = ({ key, family, gone }: KeyEvent<V>): Observable<R> => {
        const life = lives.get(key);
        if (gone) {
          lives.delete(key);
          life?.value$.complete();
          life?.gone$.next();
          return EMPTY;
        }
        const value = family.get(key) as V;
        if (life !== undefined) {
          life.value$.next(value);
          return EMPTY;
        }
        const { value$, gone$ } = { value$: new BehaviorSubject(value), gone$: new Subject<void>() };
        lives.set(key, { value$, gone$ });
        return from(project(key, value$.asObservable())).pipe(takeUntil(gone$));
      };

      return source.pipe(
        // a change that an inner stream causes at once waits for the rest of the one before
        concatMap((change, index) => keyEvents(change, index === 0)),
        tap({
          complete: () => {
            for (const { value$ } of lives.values()) value$.complete();
          },
        }),
        mergeMap(follow),
      );
    });
}

/** Of the first change all keys are new, also where a shared stream gives late subscribers its last change only. */
function* keyEvents<V>({ family, add, chg, del }: FamilyChange<V>, first: boolean): Iterable<KeyEvent<V>> {
  for (const key of first ? [] : del) yield { key, family, gone: true };
  for (const key of first ? family.keys() : add) yield { key, family, gone: false };
  for (const key of first ? [] : chg) yield { key, family, gone: false };
}
