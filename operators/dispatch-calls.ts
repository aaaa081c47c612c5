import { catchError, defer, EMPTY, Observable, Subject, takeUntil, throwIfEmpty } from 'rxjs';
import { createCallQueue } from './call-queue.js';
import type { PortPool } from './port-pool.js';

export interface Dispatch<A, R> {
  readonly pool: PortPool;
  /** Emits after the pool has changed. */
  readonly changes$: Observable<unknown>;
  /** Calls that may be under way at a time in all. */
  readonly concurrency: number;
  /** Makes a call; the first attempt of each request has the number 1. */
  readonly attempt: (request: A, port: string, attempt: number) => Observable<R>;
  /** Hears why an attempt has failed, and says whether there is to be another one. */
  readonly failed: (error: unknown, port: string, attempt: number) => boolean;
}

interface Call<A> {
  readonly request: A;
  readonly attempts: number;
  /** Where the last attempt failed, and with what. */
  readonly port?: string;
  readonly error?: unknown;
}

/** Makes a call of each request when the pool has a port for it; repeated ones before others. */
export function dispatchCalls<A, R>(
  requests: Observable<A>,
  { pool, changes$, concurrency, attempt, failed }: Dispatch<A, R>,
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const waiting = createCallQueue<Call<A>>();
    let outstanding = 0;
    let ended = false;
    let dispatching = false;

    /** A call may be over at once, and its reply bring the next request: hence no recursion. */
    const dispatch = (): void => {
      if (dispatching) return;
      dispatching = true;
      while (startNext());
      dispatching = false;
      const { first } = waiting;
      if (first === undefined && outstanding === 0 && ended) subscriber.complete();
      if (first === undefined || !pool.exhausted) return;
      if (first.attempts > 0) subscriber.error(first.error);
      else EMPTY.pipe(throwIfEmpty()).subscribe(subscriber);
    };

    const startNext = (): boolean => {
      const call = waiting.first;
      if (subscriber.closed || call === undefined || outstanding >= concurrency) return false;
      const port = pool.take(call.port);
      if (port === undefined) return false;
      waiting.shift();
      outstanding++;
      start(call, port);
      return true;
    };

    const start = (call: Call<A>, port: string): void => {
      const attempts = call.attempts + 1;
      const replies = defer(() => attempt(call.request, port, attempts)).pipe(
        catchError((error: unknown) => {
          if (!failed(error, port, attempts)) throw error;
          waiting.unshift({ request: call.request, attempts, port, error });
          return EMPTY;
        }),
      );
      const over = (): void => {
        outstanding--;
        pool.release(port);
        dispatch();
      };
      subscriber.add(replies.subscribe({ next, error, complete: over }));
    };

    const next = (reply: R): void => {
      subscriber.next(reply);
    };
    const error = (failure: unknown): void => {
      subscriber.error(failure);
    };
    // requests that come while they are subscribed to can't be unsubscribed from yet
    const stop$ = new Subject<void>();
    subscriber.add(() => {
      stop$.next();
    });
    subscriber.add(changes$.subscribe({ next: dispatch, error }));
    if (subscriber.closed) return;
    subscriber.add(
      requests.pipe(takeUntil(stop$)).subscribe({
        next: (request) => {
          waiting.push({ request, attempts: 0 });
          dispatch();
        },
        error,
        complete: () => {
          ended = true;
          dispatch();
        },
      }),
    );
  });
}
