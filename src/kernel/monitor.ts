import { Observable, takeUntil } from 'rxjs';
import type { AnyMessage, Reason } from './core/message.js';
import { sendWithReason } from './core/tell.js';
import { closedGuard, Guard } from './guard.js';
import type { Kernel } from './kernel.js';
import { owned } from './owned.js';
import { logged } from './unhandled.js';

/**
 * Why a port died, once: cold, never errors; unsubscribing takes the monitor away (S11). Completes without a reason when
 * this node is closed.
 */
export function deathOf(kernel: Kernel, port: string): Observable<Reason> {
  const death$ = new Observable<Reason>((subscriber) =>
    kernel.monitor(port, {
      fire(reason) {
        subscriber.next(reason);
        subscriber.complete();
      },
    }),
  ).pipe(takeUntil(kernel.closed$));
  return owned(death$, logged(kernel.env.log, `mon(${port})`));
}

/** Calls back once with the elements of the reason. */
export function whenDead(kernel: Kernel, port: string, callback: (...reason: Reason) => unknown): Guard {
  if (kernel.closed) return closedGuard();
  const guard: Guard = new Guard(
    kernel.monitor(port, {
      fire(reason) {
        guard.unsubscribe();
        return callback(...reason);
      },
    }),
  );
  return guard;
}

/** Kills `target` when `port` dies abnormally, of the same reason (S12). */
export function linkTo(kernel: Kernel, port: string, target: string): Guard {
  return whenDead(kernel, port, (...reason) => {
    if (reason.length > 0) kernel.kil(target, reason);
  });
}

/** Sends `message` and the reason to `target` when `port` dies. */
export function tellDeath(kernel: Kernel, port: string, target: string, message: AnyMessage): Guard {
  return whenDead(kernel, port, (...reason) => {
    sendWithReason((why) => kernel.snd(target, [...message, ...why]), reason);
  });
}
