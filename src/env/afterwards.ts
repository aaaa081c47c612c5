import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import type { Clock } from './clock.js';

/**
 * Tells users what happens once the running code has returned: what they do then can't come into the middle of it. What is
 * there when they subscribe they get at once.
 */
export function afterwards<T>(clock: Pick<Clock, 'soon'>): MonoTypeOperatorFunction<T> {
  return (source$) =>
    new Observable((subscriber) => {
      let subscribing = true;
      const tell = (what: () => void): void => {
        if (subscribing) what();
        else clock.soon(what);
      };
      subscriber.add(
        source$.subscribe({
          next: (value) => { tell(() => { subscriber.next(value); }); },
          error: (error: unknown) => { tell(() => { subscriber.error(error); }); },
          complete: () => { tell(() => { subscriber.complete(); }); },
        }),
      );
      subscribing = false;
    });
}
