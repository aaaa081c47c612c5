import { DestroyRef, effect, inject, untracked } from '@angular/core';
import type { Guard } from 'rxmp';
import { APP_NODE } from './app-node.js';

/**
 * Does what `prepare` gives, and does it again when a signal that it has read has changed; the next is there before the last is taken back.
 * With the caller's injector it ends (A5).
 */
export function hold(prepare: () => (() => Guard) | undefined): void {
  const { outside } = inject(APP_NODE);
  let guard: Guard | undefined;
  const change = (set: (() => Guard) | undefined): void => {
    const before = guard;
    guard = set?.();
    before?.unsubscribe();
  };
  effect(() => {
    const set = prepare();
    untracked(() => { outside(() => { change(set); }); });
  });
  inject(DestroyRef).onDestroy(() => { outside(() => { change(undefined); }); });
}
