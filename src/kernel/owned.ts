import { Observable, type Observer, type Subscriber, type Subscription, type TeardownLogic } from 'rxjs';
import { untilAborted } from './until-aborted.js';

type Next<T> = ((value: T) => void) | null | undefined;
type Failed = (error: unknown) => void;
/** What a subscriber may leave out. */
type Given<T> = { readonly [K in keyof Observer<T>]?: Observer<T>[K] | null | undefined };

/** What operators of RxJS give to the stream that they are piped from. */
export interface Lifted<R> {
  call(subscriber: Subscriber<R>, origin: unknown): TeardownLogic;
}

/**
 * A stream that knows whose code its subscribers are: what they throw, and errors that none of them handles, go to `failed`, where
 * RxJS would throw them out of the process (S36). So it is with all streams that are piped from it. A signal ends it, which nobody has to
 * handle: it was he who has aborted it.
 */
export function owned<T>(origin: Observable<T>, failed: Failed, signal?: AbortSignal): OwnedObservable<T> {
  if (signal === undefined) return new OwnedObservable((subscriber) => origin.subscribe(subscriber), failed);
  return new OwnedObservable(
    (subscriber) => untilAborted<T>(signal)(origin).subscribe(subscriber),
    (error) => { if (!signal.aborted || error !== signal.reason) failed(error); },
  );
}

export class OwnedObservable<T> extends Observable<T> {
  readonly #failed: Failed;

  constructor(subscribe: (subscriber: Subscriber<T>) => TeardownLogic, failed: Failed) {
    super(subscribe);
    this.#failed = failed;
  }

  /** What `pipe` makes of it. */
  override lift<R>(operator?: Lifted<R>): Observable<R> {
    return this.piped(operator);
  }

  piped<R>(operator: Lifted<R> | undefined): Observable<R> {
    return new OwnedObservable((subscriber) => operator?.call(subscriber, this), this.#failed);
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | Next<T>, error?: Next<unknown>, complete?: (() => void) | null): Subscription {
    // an operator, or a promise, which see to errors themselves
    if (isSubscriber<T>(observerOrNext)) return super.subscribe(observerOrNext);
    const observer = typeof observerOrNext === 'object' && observerOrNext !== null ? observerOrNext : { next: observerOrNext, error, complete };
    return super.subscribe(new OwnObserver(observer, this.#failed));
  }
}

/** What the subscriber's code throws stays with him. A class, since each call makes one: three closures would cost more. */
class OwnObserver<T> implements Observer<T> {
  readonly #observer: Given<T>;
  readonly #failed: Failed;

  constructor(observer: Given<T>, failed: Failed) {
    this.#observer = observer;
    this.#failed = failed;
  }

  next(value: T): void {
    try {
      this.#observer.next?.(value);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  error(reason: unknown): void {
    try {
      if (this.#observer.error) this.#observer.error(reason);
      else this.#failed(reason);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  complete(): void {
    try {
      this.#observer.complete?.();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }
}

function isSubscriber<T>(observer: unknown): observer is Subscriber<T> {
  return typeof observer === 'object' && observer !== null && 'add' in observer && 'next' in observer && 'unsubscribe' in observer;
}
