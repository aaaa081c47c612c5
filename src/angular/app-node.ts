import { DestroyRef, ErrorHandler, inject, InjectionToken, NgZone, PLATFORM_ID, signal, type Signal } from '@angular/core';
import { AsyncSubject, defer, from, Observable, switchMap, type ObservableInput } from 'rxjs';
import type { MpNode } from 'rxmp';
import { familiesInUse, type FamiliesInUse } from './family-signals.js';

/** The node of an application, as all functions of this entry use it. */
export interface AppNode {
  /** A server has no node, and opens nothing (A6). */
  readonly isServer: boolean;
  /** Undefined: it is not made yet, could not be made, or this is a server. */
  readonly node: Signal<MpNode | undefined>;
  /** Why it could not be made. */
  readonly failure: Signal<{ readonly error: unknown } | undefined>;
  readonly families: FamiliesInUse;
  /** What a stream of the node gives, from when there is one. It runs outside of Angular's zone, so that nothing in it starts change detection (A2). */
  streamOf<T>(project: (node: MpNode) => Observable<T>): Observable<T>;
  /** Runs something outside of Angular's zone. */
  outside<T>(run: () => T): T;
}

/** Where the node comes from, and what becomes of it when the application ends. */
export interface NodeSource {
  /** Called in an injection context, once, when somebody injects the node first. */
  open(): ObservableInput<MpNode>;
  close(node: MpNode): void;
}

/** Its name is what Angular says when `provideRxmp` is missing. */
export const APP_NODE = new InjectionToken<AppNode>('the node of rxmp: put provideRxmp(...) into the providers of the application');

/** What `PLATFORM_ID` is on servers: `isPlatformServer` would need all of @angular/common. */
const SERVER = 'server';

/** Has to run in an injection context: of the injector that ends the node. */
export function createAppNode({ open, close }: NodeSource): AppNode {
  const zone = inject(NgZone);
  const errors = inject(ErrorHandler);
  const isServer: boolean = inject<unknown>(PLATFORM_ID) === SERVER;
  const node = signal<MpNode | undefined>(undefined);
  const failure = signal<{ readonly error: unknown } | undefined>(undefined);
  const made = new AsyncSubject<MpNode>();
  const outside = <T>(run: () => T): T => zone.runOutsideAngular(run);

  const opening$ = isServer ? from<MpNode[]>([]) : defer(open);
  let isOver = false;
  outside(() =>
    opening$.subscribe({
      next(opened) {
        if (isOver) {
          close(opened);
          return;
        }
        node.set(opened);
        made.next(opened);
      },
      error(error: unknown) {
        failure.set({ error });
        made.complete();
        errors.handleError(error);
      },
      complete: () => { made.complete(); },
    }),
  );
  inject(DestroyRef).onDestroy(() => {
    isOver = true;
    const last = node();
    if (last !== undefined) outside(() => { close(last); });
  });

  const streamOf = <T>(project: (node: MpNode) => Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      const subscription = outside(() => made.pipe(switchMap(project)).subscribe(subscriber));
      return () => { outside(() => { subscription.unsubscribe(); }); };
    });

  return { isServer, node: node.asReadonly(), failure: failure.asReadonly(), families: familiesInUse(streamOf), streamOf, outside };
}

/** Follows a stream of the node for as long as the injector of the caller lives (A5). What it fails with goes to Angular's `ErrorHandler`. */
export function follow<T>(project: (node: MpNode) => Observable<T>, next?: (value: T) => void): void {
  const errors = inject(ErrorHandler);
  const subscription = inject(APP_NODE)
    .streamOf(project)
    .subscribe({ ...(next && { next }), error: (error: unknown) => { errors.handleError(error); } });
  inject(DestroyRef).onDestroy(() => { subscription.unsubscribe(); });
}
