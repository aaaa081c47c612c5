/// <reference lib="esnext.disposable" preserve="true" />
import { Subscription } from 'rxjs';

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
