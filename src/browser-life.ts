import { defer, EMPTY, filter, fromEvent, map, merge, of, type Observable } from 'rxjs';
import type { LifeEvent } from './network/life/core/life.js';

/** What is used of a page; a worker has no document. */
interface Page {
  readonly document?: { readonly visibilityState?: string };
  readonly navigator?: { readonly onLine?: boolean };
}

/** What is used of the events `pagehide` and `pageshow`. */
interface PageTransition {
  readonly persisted?: boolean;
}

const isTarget = (what: unknown): what is EventTarget => typeof (what as Partial<EventTarget> | undefined)?.addEventListener === 'function';

const told = (target: unknown, event: string, name: LifeEvent, isMeant: (event: PageTransition) => boolean = () => true): Observable<LifeEvent> =>
  isTarget(target) ? fromEvent(target, event).pipe(filter((each) => isMeant(each as PageTransition)), map(() => name)) : EMPTY;

/**
 * What the browser tells of a page, or of a worker, while somebody listens (A3); at first that there is no network, if so. Looks at the globals
 * when it is subscribed to, and does nothing where there are no such events.
 */
export const life$: Observable<LifeEvent> = defer(() => {
  const { document, navigator } = globalThis as Page;
  const page = document === undefined ? undefined : globalThis;
  return merge(
    navigator?.onLine === false ? of<LifeEvent>('offline') : EMPTY,
    told(globalThis, 'online', 'online'),
    told(globalThis, 'offline', 'offline'),
    told(document, 'visibilitychange', 'visible', () => document?.visibilityState === 'visible'),
    told(document, 'freeze', 'freeze'),
    told(document, 'resume', 'resume'),
    // it may be kept, but nobody knows for how long
    told(page, 'pagehide', 'hide'),
    // the first time it is shown there is nothing to go back to
    told(page, 'pageshow', 'show', ({ persisted }) => persisted === true),
  );
});
