/** Who waits for the next value of an iterator; told one thing, once. */
export interface Taker<T> {
  value(value: T): void;
  done(): void;
  error(error: Error): void;
}

/**
 * An async iterator over what is asked for one at a time. `ask` tells the taker now or later; its result takes the wish back, so that
 * what comes stays for others. `end` runs once, when nobody asks any more. `return()` ends those that wait, too, as well as the iterator: an
 * async generator would wait with it for what may never come.
 */
export function pulled<T>(ask: (taker: Taker<T>) => () => void, end: () => void): AsyncIterator<T, undefined> {
  const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
  /** Those that wait: each gives up when it is called. */
  const waiting = new Set<() => void>();
  let isOver = false;

  const stop = (): void => {
    if (isOver) return;
    isOver = true;
    for (const giveUp of waiting) giveUp();
    end();
  };

  return {
    next() {
      const promise = new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
        if (isOver) {
          resolve(done);
          return;
        }
        let takeBack = (): void => undefined;
        const giveUp = (): void => {
          takeBack();
          resolve(done);
        };
        waiting.add(giveUp);
        takeBack = ask({
          value(value) {
            waiting.delete(giveUp);
            resolve({ done: false, value });
          },
          done: stop,
          error(error) {
            // before the rest, which is only done
            reject(error);
            stop();
          },
        });
      });
      // as with all that waits for others: who awaits it later gets the rejection, which must not end the process before (S15)
      promise.catch(() => undefined);
      return promise;
    },
    return() {
      stop();
      return Promise.resolve(done);
    },
    throw(error: Error) {
      stop();
      return Promise.reject(error);
    },
  };
}
