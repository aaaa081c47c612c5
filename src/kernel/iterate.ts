import { Subject, takeUntil, type Observable } from 'rxjs';
import { signalOf, type SignalOptions } from '../env/signal.js';
import { BufferOverflow } from './errors.js';
import { pulled, type Taker } from './pulled.js';
import { untilAborted } from './until-aborted.js';

/** Options of {@link iterate}. */
export interface IterateOptions extends SignalOptions {
  /** How many values may wait for the loop. Default: 1,000. */
  readonly buffer?: number | undefined;
}

const BUFFER = 1_000;

/**
 * The values of an Observable, for `for await`: each loop subscribes when it asks for the first value, and unsubscribes when it is left.
 *
 * A stream can't be told to wait: values that come faster than the loop takes them are kept, up to `buffer`. At one more the stream is
 * unsubscribed from; the loop gets those that are kept, and then a `BufferOverflow`, so that none is lost unnoticed. An error of the stream
 * is thrown in the same way, after what came before it; that of `signal` at once (A12). Throws RangeError for a `buffer` below 0.
 *
 * @example
 * ```ts
 * import { createNode, iterate } from 'rxmp';
 *
 * const node = await createNode();
 * node.dbSet('rooms', 'lobby', 'open');
 * for await (const { family } of iterate(node.dbMon('rooms'))) {
 *   console.log(family.get('lobby')); // open
 *   break;
 * }
 * await node.close();
 * ```
 */
export function iterate<T>(source: Observable<T>, options: IterateOptions = {}): AsyncIterable<T, undefined> {
  const { buffer = BUFFER } = options;
  const signal = signalOf(options);
  if (!(buffer >= 0)) throw new RangeError(`buffer is ${buffer}: expected how many values may wait, 0 or more`);
  return { [Symbol.asyncIterator]: () => iteratorOf(untilAborted<T>(signal)(source), buffer, signal) };
}

function iteratorOf<T>(source: Observable<T>, buffer: number, signal: AbortSignal | undefined): AsyncIterator<T, undefined> {
  const stop$ = new Subject<void>();
  const takers = new Set<Taker<T>>();
  /** Values that nobody has taken yet begin at `first`. */
  let values: T[] = [];
  let first = 0;
  let ending: ((taker: Taker<T>) => void) | undefined;
  let isBegun = false;

  /** Gives what there is to those who wait. */
  const serve = (): void => {
    for (const taker of takers) {
      if (first < values.length) {
        takers.delete(taker);
        taker.value(values[first++] as T);
      } else if (ending !== undefined) {
        takers.delete(taker);
        ending(taker);
      } else break;
    }
    if (first === values.length || first > BUFFER) {
      values = values.slice(first);
      first = 0;
    }
  };

  const finish = (how: (taker: Taker<T>) => void): void => {
    ending ??= how;
    serve();
  };

  const begin = (): void => {
    isBegun = true;
    source.pipe(takeUntil(stop$)).subscribe({
      next(value) {
        if (takers.size === 0 && values.length - first >= buffer) {
          ending = (taker) => { taker.error(new BufferOverflow(buffer)); };
          stop$.next();
          return;
        }
        values.push(value);
        serve();
      },
      error(error: unknown) {
        if (signal?.aborted === true) values = values.slice(0, first);
        finish((taker) => { taker.error(error as Error); });
      },
      complete: () => { finish((taker) => { taker.done(); }); },
    });
  };

  return pulled<T>(
    (taker) => {
      takers.add(taker);
      if (!isBegun) begin();
      serve();
      return () => { takers.delete(taker); };
    },
    () => { stop$.next(); },
  );
}
