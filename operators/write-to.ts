import { concat, concatMap, defer, EMPTY, finalize, from, ignoreElements, map, merge, tap, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Writes each value to a Web Stream, and emits it when there is room for more; what comes meanwhile waits its turn here, unbounded. Closes the stream when the
 * source completes, and completes when that is done: for a stream of `openStream`, when all has arrived at the other end. When the source
 * fails, or the result is unsubscribed, the stream is aborted, with the error as its reason. Errors as the stream does.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { readFrom, writeTo } from 'rxmp/operators';
 * import { lastValueFrom, of } from 'rxjs';
 *
 * const node = await createNode();
 * const port = node.port();
 * node.streams<string>(port).subscribe(({ stream }) => readFrom(stream.readable).subscribe((text) => console.log(text)));
 * await lastValueFrom(of('a', 'b').pipe(writeTo(node.openStream<string>(port, { values: true }).writable)));
 * await node.close();
 * ```
 */
export function writeTo<T>(writable: WritableStream<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      const writer = writable.getWriter();
      let failure: unknown;
      const write = (value: T): Promise<void> => {
        // its error is that of `ready`, too
        writer.write(value).catch(() => undefined);
        return writer.ready;
      };
      const written$ = source.pipe(concatMap((value) => from(write(value)).pipe(map(() => value))));
      const close$ = defer(() => {
        writer.close().catch(() => undefined);
        return EMPTY;
      });
      // it tells also of an end that nobody here has asked for
      const closed$ = from(writer.closed).pipe(ignoreElements());
      return merge(concat(written$, close$), closed$).pipe(
        tap({ error: (error: unknown) => { failure = error; } }),
        // of a stream that is closed it does nothing
        finalize(() => { writer.abort(failure).catch(() => undefined); }),
      );
    });
}
