import { computed, DestroyRef, inject, type Signal } from '@angular/core';
import { APP_NODE } from './app-node.js';
import type { Families, FamilyName } from './families.js';
import type { FamilySignal } from './family-signals.js';

/**
 * A family of the database as a signal: all of its keys, as they are everywhere in the network. It is updated once per frame at most, however
 * often the family changes, and values that are the same stay the same objects (A8). Empty until something is known, and on a server: `status`
 * tells. All who use a family share one signal, and the node watches it while somebody does.
 *
 * @example
 * ```ts
 * class Rooms {
 *   readonly rooms = injectFamily('rooms'); // its type is that of `Families`; else say it: injectFamily<Room>('rooms')
 *   readonly titles = computed(() => [...this.rooms().values()].map(({ title }) => title));
 *   readonly isOld = computed(() => this.rooms.status() === 'stale');
 * }
 * ```
 */
export function injectFamily<F extends FamilyName>(family: F): FamilySignal<Families[F]>;
export function injectFamily<V = unknown>(family: string): FamilySignal<V>;
export function injectFamily(family: string): FamilySignal<unknown> {
  const { signal, release } = inject(APP_NODE).families(family);
  inject(DestroyRef).onDestroy(release);
  return signal;
}

/**
 * The value of one key of a family, which follows the key; undefined: there is none, or no key. It changes only when this value does (A8).
 *
 * @example
 * ```ts
 * class RoomCard {
 *   readonly id = input.required<string>();
 *   readonly room = injectKey('rooms', () => this.id());
 * }
 * ```
 */
export function injectKey<F extends FamilyName>(family: F, key: () => string | undefined): Signal<Families[F] | undefined>;
export function injectKey<V = unknown>(family: string, key: () => string | undefined): Signal<V | undefined>;
export function injectKey(family: string, key: () => string | undefined): Signal<unknown> {
  const content = injectFamily(family);
  return computed(() => {
    const current = key();
    return current === undefined ? undefined : content().get(current);
  });
}
