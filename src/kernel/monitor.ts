import { Observable, takeUntil } from 'rxjs';
import type { AnyMessage, Reason } from './core/message.js';
import { sendWithReason } from './core/tell.js';
import { closedGuard, endedBy, Guard } from './guard.js';
import type { Kernel } from './kernel.js';
import { owned } from './owned.js';
import { logged } from './unhandled.js';

/**
 * Why a port died, once: cold, never errors; unsubscribing takes the monitor away (S11). Completes without a reason when
 * this node is closed.
 */
export function deathOf(kernel: Kernel, port: string, signal?: AbortSignal): Observable<Reason> {
  const death$ = new Observable<Reason>((subscriber) =>
    kernel.monitor(port, {
      fire(reason) {
        subscriber.next(reason);
        subscriber.complete();
      },
    }),
  ).pipe(takeUntil(kernel.closed$));
  return owned(death$, logged(kernel.env.log, `mon(${port})`), signal);
}

/** Calls back once with the elements of the reason. */
export function whenDead(kernel: Kernel, port: string, callback: (...reason: Reason) => unknown, signal?: AbortSignal): Guard {
  if (kernel.closed || signal?.aborted === true) return closedGuard();
  const guard: Guard = new Guard(
    kernel.monitor(port, {
      fire(reason) {
        guard.unsubscribe();
        return callback(...reason);
      },
    }),
  );
  return endedBy(guard, signal, kernel.onAbort);
}

/** Kills `target` when `port` dies abnormally, of the same reason (S12). */
export function linkTo(kernel: Kernel, port: string, target: string, signal?: AbortSignal): Guard {
  return whenDead(kernel, port, (...reason) => {
    if (reason.length > 0) kernel.kil(target, reason);
  }, signal);
}

/** Sends `message` and the reason to `target` when `port` dies. */
export function tellDeath(kernel: Kernel, port: string, target: string, message: AnyMessage, signal?: AbortSignal): Guard {
  return whenDead(kernel, port, (...reason) => {
    sendWithReason((why) => kernel.snd(target, [...message, ...why]), reason);
  }, signal);
}
