import { filter, map, type OperatorFunction } from 'rxjs';
import type { FamilyChange } from '../src/api.js';
import { areComings } from './comings.js';

/**
 * The keys of a family: those that are there now, also when there are none, then all of them again whenever one has come
 * or gone. Changes of values only, and of `current`, are left out. Each array is the subscriber's own.
 *
 * What else there is to see of a family needs no operator: `map(({ family }) => family)` gives its snapshots (S27). Each is another one
 * (S26), but where only `current` has changed: `distinctUntilChanged()` leaves that out.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { liveKeys } from 'rxmp/operators';
 * import { take } from 'rxjs';
 *
 * const node = await createNode();
 * node.dbSet('users', 'ann', { status: 'here' });
 * await node
 *   .dbMon('users')
 *   .pipe(liveKeys(), take(2))
 *   .forEach((users) => {
 *     console.log(users); // first [ 'ann' ], then also 'bob'
 *     node.dbSet('users', 'ann', { status: 'busy' }); // no other keys
 *     node.dbSet('users', 'bob');
 *   });
 * await node.close();
 * ```
 */
export function liveKeys(): OperatorFunction<FamilyChange, readonly string[]> {
  return (source) =>
    source.pipe(
      filter(areComings),
      map(({ family }) => [...family.keys()]),
    );
}
