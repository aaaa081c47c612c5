import { Observable, type Subscriber } from 'rxjs';

/** What many may subscribe to. */
export interface Broadcast<T> {
  readonly stream$: Observable<T>;
  next(value: T): void;
  /** Completes for all, and for those who subscribe later. */
  complete(): void;
  /** Ends for all with an error. */
  error(error: Error): void;
  readonly observed: boolean;
}

/**
 * Like a Subject, but who unsubscribes costs the same however many there are: a Subject searches its list for him.
 */
export function createBroadcast<T>(): Broadcast<T> {
  const subscribers = new Set<Subscriber<T>>();
  /** As they were when the last value began to go out. */
  let told: readonly Subscriber<T>[] | undefined;
  let isOver = false;

  const end = (): readonly Subscriber<T>[] => {
    isOver = true;
    const last = all();
    told = undefined;
    subscribers.clear();
    return last;
  };

  const all = (): readonly Subscriber<T>[] => (told ??= [...subscribers]);

  return {
    stream$: new Observable((subscriber) => {
      if (isOver) {
        subscriber.complete();
        return undefined;
      }
      told = undefined;
      subscribers.add(subscriber);
      return () => {
        told = undefined;
        subscribers.delete(subscriber);
      };
    }),
    next(value) {
      for (const subscriber of all()) subscriber.next(value);
    },
    complete() {
      for (const subscriber of end()) subscriber.complete();
    },
    error(error) {
      for (const subscriber of end()) subscriber.error(error);
    },
    get observed() {
      return subscribers.size > 0;
    },
  };
}
