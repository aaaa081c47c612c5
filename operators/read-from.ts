import { Observable } from 'rxjs';
import { signalOf, untilAborted, type SignalOptions } from '../src/api.js';

/**
 * What comes from a Web Stream, as an Observable: reads while subscribed, completes or errors as the stream does; unsubscribing before that
 * cancels it. It takes one subscriber. Observables know no back pressure: a value is read as soon as the last one was delivered. To go no faster than whoever
 * takes the values, use `pipeTo` of the stream itself.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { readFrom, writeTo } from 'rxmp/operators';
 * import { map, range } from 'rxjs';
 *
 * const node = await createNode();
 * const squares = node.port();
 * node.streams<number>(squares).subscribe(({ stream }) => {
 *   readFrom(stream.readable).pipe(map((n) => n * n), writeTo(stream.writable)).subscribe();
 * });
 * const { readable, writable } = node.openStream<number>(squares, { values: true });
 * range(1, 3).pipe(writeTo(writable)).subscribe();
 * await readFrom(readable).forEach((n) => console.log(n)); // 1, 4, 9
 * await node.close();
 * ```
 */
export function readFrom<T>(readable: ReadableStream<T>, options?: SignalOptions): Observable<T> {
  const values$ = new Observable<T>((subscriber) => {
    const reader = readable.getReader();
    const failed = (error: unknown): void => { subscriber.error(error); };
    const next = (): void => {
      reader.read().then(({ done, value }) => {
        if (done) subscriber.complete();
        else subscriber.next(value);
        if (!subscriber.closed) next();
      }, failed);
    };
    next();
    return () => {
      reader.cancel().catch(() => undefined);
    };
  });
  return values$.pipe(untilAborted(signalOf(options)));
}
