/// <reference lib="esnext.disposable" preserve="true" />
import { Subscription } from 'rxjs';

/** How a signal is watched: the result ends that. */
export type OnAbort = (signal: AbortSignal, end: () => void) => () => void;

/** A subscription that also ends with its block: `using guard = node.mon(port, callback)`. */
export class Guard extends Subscription {
  [Symbol.dispose](): void {
    this.unsubscribe();
  }
}

/** The guard of something that a closed node did not do. */
export function closedGuard(): Guard {
  const guard = new Guard();
  guard.unsubscribe();
  return guard;
}

/** Ends a guard when the signal is aborted, too; one that ends before leaves nothing at the signal (A12). */
export function endedBy<G extends Guard>(guard: G, signal: AbortSignal | undefined, onAbort: OnAbort): G {
  if (signal !== undefined && !guard.closed) guard.add(onAbort(signal, () => { guard.unsubscribe(); }));
  return guard;
}
