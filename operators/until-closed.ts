import { endWith, ignoreElements, map, merge, take, takeUntil, timer, type Observable } from 'rxjs';
import { NodeClosed, type MpNode } from '../src/api.js';

/** Emits once, when the node is closed; at once if it is. */
export function closingOf(node: MpNode): Observable<undefined> {
  return node.monNodes().pipe(ignoreElements(), endWith(undefined));
}

/** Emits after so many ms; completes without that when the node is closed, and leaves no timer. */
export function timerUntilClosed(node: MpNode, ms: number): Observable<number> {
  return timer(ms, node.clock).pipe(takeUntil(closingOf(node)));
}

/** Emits after so many ms; errors with `NodeClosed` when the node is closed. */
export function timerOrClosed(node: MpNode, ms: number): Observable<unknown> {
  const closed$ = closingOf(node).pipe(
    map(() => {
      throw new NodeClosed(node.id);
    }),
  );
  return merge(timer(ms, node.clock), closed$).pipe(take(1));
}
