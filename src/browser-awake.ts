import { defer, EMPTY, filter, fromEvent, merge, type Observable } from 'rxjs';

/** What is used of a page; a worker has no document. */
interface Page {
  readonly addEventListener?: unknown;
  readonly document?: { readonly visibilityState?: string };
}

/**
 * Emits when the browser says that it is online again, or that the page is visible again: before, timers may have stood still, and
 * connections may have been lost. Looks at the globals when it is subscribed to, and does nothing where there are no such events.
 */
export const awake$: Observable<unknown> = defer(() => {
  const page = globalThis as Page;
  const { document } = page;
  const online$ = typeof page.addEventListener === 'function' ? fromEvent(globalThis as unknown as EventTarget, 'online') : EMPTY;
  const visible$ =
    document === undefined
      ? EMPTY
      : fromEvent(document as unknown as EventTarget, 'visibilitychange').pipe(filter(() => document.visibilityState === 'visible'));
  return merge(online$, visible$);
});
