import { defer, EMPTY, filter, fromEvent, map, merge, of, type Observable } from 'rxjs';
import type { LifeEvent } from './network/life/core/life.js';

/** What is used of a page; a worker has no document. */
interface Page {
  readonly addEventListener?: unknown;
  readonly document?: EventTarget & { readonly visibilityState?: string };
  readonly navigator?: { readonly onLine?: boolean };
}

/** What is used of the events `pagehide` and `pageshow`. */
interface PageTransition {
  readonly persisted?: boolean;
}

/**
 * What the browser tells of a page, or of a worker, while somebody listens (A3); at first that there is no network, if so. Looks at the globals
 * when it is subscribed to, and does nothing where there are no such events.
 */
export const life$: Observable<LifeEvent> = defer(() => {
  const page = globalThis as Page;
  const { document } = page;
  const at = (target: EventTarget, event: string, name: LifeEvent, isMeant: (event: PageTransition) => boolean = () => true): Observable<LifeEvent> =>
    fromEvent(target, event).pipe(filter((told) => isMeant(told as PageTransition)), map(() => name));
  const here = globalThis as unknown as EventTarget;
  return merge(
    page.navigator?.onLine === false ? of<LifeEvent>('offline') : EMPTY,
    ...(typeof page.addEventListener === 'function' ? [at(here, 'online', 'online'), at(here, 'offline', 'offline')] : []),
    ...(document === undefined
      ? []
      : [
          at(document, 'visibilitychange', 'visible', () => document.visibilityState === 'visible'),
          at(document, 'freeze', 'freeze'),
          at(document, 'resume', 'resume'),
          // it may be kept, but nobody knows for how long
          at(here, 'pagehide', 'hide'),
          // the first time it is shown there is nothing to go back to
          at(here, 'pageshow', 'show', ({ persisted }) => persisted === true),
        ]),
  );
});
