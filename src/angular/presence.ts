import { computed, inject, type Signal } from '@angular/core';
import { APP_NODE } from './app-node.js';
import type { Families, FamilyName, OtherFamily } from './families.js';
import { hold } from './hold.js';

/** Options of {@link presence}. */
export interface PresenceOptions {
  /** The key to set. Guests set those that their gate allows. Default: the id of the node, one key for each page. */
  readonly key?: string | (() => string | undefined) | undefined;
}

/**
 * Sets a key of a family while there is a value and the component lives; when the page goes, others see the key go, too. Gives the
 * value, from when the node is there. What can't be set is told to Angular's `ErrorHandler`, and the last value stays.
 *
 * @example
 * ```ts
 * class Editor {
 *   readonly draft = signal('');
 *   readonly typing = presence('typing', () => (this.draft() === '' ? undefined : { who: 'ada' }), { key: 'ada' });
 * }
 * ```
 */
export function presence<F extends FamilyName>(family: F, value: () => Families[F] | undefined, options?: PresenceOptions): Signal<Families[F] | undefined>;
export function presence<V, N extends string = string>(family: OtherFamily<N>, value: () => V | undefined, options?: PresenceOptions): Signal<V | undefined>;
export function presence(family: string, value: () => unknown, { key }: PresenceOptions = {}): Signal<unknown> {
  const { node } = inject(APP_NODE);
  const wanted = computed(() => {
    const owner = node();
    const own = typeof key === 'function' ? key() : (key ?? owner?.id);
    const now = value();
    return owner === undefined || own === undefined || now === undefined ? undefined : { owner, own, now };
  });
  hold(() => {
    const set = wanted();
    return set && (() => set.owner.dbSet(family, set.own, set.now));
  });
  return computed(() => wanted()?.now);
}
