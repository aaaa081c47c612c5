import { Observable, type Observer, type Subscriber, type Subscription, type TeardownLogic } from 'rxjs';

type Next<T> = ((value: T) => void) | null | undefined;
type Failed = (error: unknown) => void;

/** What operators of RxJS give to the stream that they are piped from. */
export interface Lifted<R> {
  call(subscriber: Subscriber<R>, origin: unknown): TeardownLogic;
}

/**
 * A stream that knows whose code its subscribers are: what they throw, and errors that none of them handles, go to `failed`, where
 * RxJS would throw them out of the process (S36). So it is with all streams that are piped from it.
 */
export function owned<T>(origin: Observable<T>, failed: Failed): OwnedObservable<T> {
  return new OwnedObservable(origin, failed);
}

export class OwnedObservable<T> extends Observable<T> {
  readonly #failed: Failed;

  constructor(origin: Observable<T>, failed: Failed) {
    super((subscriber) => origin.subscribe(subscriber));
    this.#failed = failed;
  }

  /** What `pipe` makes of it. */
  override lift<R>(operator?: Lifted<R>): Observable<R> {
    return this.piped(operator);
  }

  piped<R>(operator: Lifted<R> | undefined): Observable<R> {
    return new OwnedObservable(new Observable<R>((subscriber) => operator?.call(subscriber, this)), this.#failed);
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | Next<T>, error?: Next<unknown>, complete?: (() => void) | null): Subscription {
    // an operator, or a promise, which see to errors themselves
    if (isSubscriber<T>(observerOrNext)) return super.subscribe(observerOrNext);
    const failed = this.#failed;
    const observer = typeof observerOrNext === 'object' && observerOrNext !== null ? observerOrNext : { next: observerOrNext, error, complete };
    return super.subscribe({
      next(value) {
        try {
          observer.next?.(value);
        } catch (thrown) {
          failed(thrown);
        }
      },
      error(reason: unknown) {
        try {
          if (observer.error) observer.error(reason);
          else failed(reason);
        } catch (thrown) {
          failed(thrown);
        }
      },
      complete() {
        try {
          observer.complete?.();
        } catch (thrown) {
          failed(thrown);
        }
      },
    });
  }
}

function isSubscriber<T>(observer: unknown): observer is Subscriber<T> {
  return typeof observer === 'object' && observer !== null && 'add' in observer && 'next' in observer && 'unsubscribe' in observer;
}
