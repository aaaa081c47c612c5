import { first, map, type OperatorFunction } from 'rxjs';
import type { FamilyChange } from '../src/api.js';

/**
 * Waits until something is in a family: emits the whole family once, at once if it has a key already, and completes.
 *
 * What was last known counts, too: to wait until somebody vouches for it, put RxJS's `filter(({ current }) => current)` before it.
 *
 * A source that completes before, as when the node is closed, makes it error with RxJS's `EmptyError`. To wait for some
 * time only, add RxJS's `timeout({ first: 5_000, scheduler: node.clock })`.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { firstNonEmpty } from 'rxmp/operators';
 * import { firstValueFrom } from 'rxjs';
 *
 * const node = await createNode();
 * node.after(20, () => node.dbSet('services', 'printer', 'second floor'));
 *
 * const services = await firstValueFrom(node.dbMon<string>('services').pipe(firstNonEmpty()));
 * console.log([...services]); // [ [ 'printer', 'second floor' ] ]
 * await node.close();
 * ```
 */
export function firstNonEmpty<V>(): OperatorFunction<FamilyChange<V>, ReadonlyMap<string, V>> {
  return (source) =>
    source.pipe(
      first(({ family }) => family.size > 0),
      map(({ family }) => family),
    );
}
