import { Observable, Subject, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import { onAbort, reasonOf } from '../env/signal.js';

/** Reasons that streams have failed with because somebody has aborted them. */
const reasons = new WeakSet();

/** Whether an error is the reason of a signal that has ended a stream: nobody has to handle it. */
export const isAbort = (error: unknown): boolean => typeof error === 'object' && error !== null && reasons.has(error);

/**
 * A stream until the signal is aborted: it is unsubscribed from then, and after that fails with the signal's reason, so that nobody waits
 * for ever. With a signal that is aborted already it is not subscribed to (A12). Without a signal it stays as it is.
 *
 * @example
 * ```ts
 * import { untilAborted } from 'rxmp/operators';
 * import { interval } from 'rxjs';
 *
 * const stop = new AbortController();
 * interval(10).pipe(untilAborted(stop.signal)).subscribe({
 *   next: (n) => { if (n === 2) stop.abort(new Error('enough')); },
 *   error: (error) => console.log(error.message), // enough
 * });
 * ```
 */
export const untilAborted = <T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> => (source) => {
  if (signal === undefined) return source;
  return new Observable((subscriber) => {
    const fail = (): void => {
      const reason = reasonOf(signal);
      if (typeof reason === 'object') reasons.add(reason);
      subscriber.error(reason);
    };
    if (signal.aborted) {
      fail();
      return;
    }
    const stop$ = new Subject<void>();
    let isAborted = false;
    subscriber.add(
      onAbort(signal, () => {
        isAborted = true;
        stop$.next();
        fail();
      }),
    );
    subscriber.add(
      source.pipe(takeUntil(stop$)).subscribe({
        next: (value) => { subscriber.next(value); },
        error: (error: unknown) => { subscriber.error(error); },
        complete: () => { if (!isAborted) subscriber.complete(); },
      }),
    );
  });
};
