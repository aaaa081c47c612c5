import { signal, type Signal } from '@angular/core';
import { AsyncSubject, Observable, switchMap } from 'rxjs';
import { current, type CapturesOf, type Checked, type NodeScope, type NodeScopeOptions, type PatternOf, type Tagged } from 'rxmp/federation';
import { follow } from './app-node.js';
import { oncePerFrame } from './frame.js';
import { hold } from './hold.js';

/** A scope; undefined until the node is there, and on a server. Its functions run in an injection context, as those of fields, and live as long. */
export interface ScopeSignal<A extends Tagged> extends Signal<NodeScope<A> | undefined> {
  /** What a pattern captures of all that is asserted now, updated once per frame at most (A8). */
  signal<const P extends PatternOf<A>>(pattern: P & Checked<A, P>): Signal<readonly CapturesOf<A, P>[]>;
  /** Asserts a value while there is one; the next one is there before the last goes. */
  asserting(value: () => A | undefined): void;
}

/**
 * Takes part in a scope for as long as the component lives: then all that it has asserted goes (A5).
 *
 * @example
 * ```ts
 * type Fact = { type: 'present'; who: string };
 *
 * class Room {
 *   readonly room = injectScope<Fact>('room:7');
 *   readonly present = this.room.signal({ type: 'present', who: $ }); // Signal<readonly { who: string }[]>
 *   constructor() {
 *     this.room.asserting(() => ({ type: 'present', who: 'ada' }));
 *   }
 * }
 * ```
 */
export function injectScope<A extends Tagged>(name: string, options?: NodeScopeOptions): ScopeSignal<A> {
  const scope = signal<NodeScope<A> | undefined>(undefined);
  const made = new AsyncSubject<NodeScope<A>>();
  follow((node) => new Observable<never>(() => {
    const own = node.federate<A>(name, options);
    scope.set(own);
    made.next(own);
    made.complete();
    return () => { own.close(); };
  }));

  // the types of patterns are those of its declaration
  const observe = (pattern: { type: string }): Signal<readonly unknown[]> => {
    const matches = signal<readonly unknown[]>([]);
    follow(
      (node) => made.pipe(switchMap((own) => (own as unknown as NodeScope<Tagged>).turns(pattern).pipe(current(), oncePerFrame(node.clock)))),
      (now) => { matches.set(now); },
    );
    return matches.asReadonly();
  };
  const asserting = (value: () => A | undefined): void => {
    hold(() => {
      const own = scope();
      const fact = value();
      return own === undefined || fact === undefined ? undefined : () => own.assert(fact);
    });
  };
  return Object.assign(scope.asReadonly(), { signal: observe as ScopeSignal<A>['signal'], asserting });
}
