import { DestroyRef, effect, ErrorHandler, inject, untracked } from '@angular/core';
import type { Guard } from 'rxmp';
import { APP_NODE } from './app-node.js';

/**
 * Does what `prepare` gives, and does it again when a signal that it has read has changed; the next is there before the last is taken back. When
 * it can't be done, the `ErrorHandler` is told, and the last one stays. With the caller's injector it ends (A5).
 */
export function hold(prepare: () => (() => Guard) | undefined): void {
  const { outside } = inject(APP_NODE);
  const errors = inject(ErrorHandler);
  let guard: Guard | undefined;
  const change = (set: (() => Guard) | undefined): void => {
    const before = guard;
    try {
      guard = set?.();
    } catch (error) {
      // thrown out of an effect it would end the rendering of the page
      errors.handleError(error);
      return;
    }
    before?.unsubscribe();
  };
  effect(() => {
    const set = prepare();
    untracked(() => { outside(() => { change(set); }); });
  });
  inject(DestroyRef).onDestroy(() => { outside(() => { change(undefined); }); });
}
