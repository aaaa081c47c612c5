import { Observable, type Subscriber } from 'rxjs';

/** What many may subscribe to. */
export interface Broadcast<T> {
  readonly stream$: Observable<T>;
  next(value: T): void;
  /** Completes for all, and for those who subscribe later. */
  complete(): void;
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
      isOver = true;
      const last = all();
      told = undefined;
      subscribers.clear();
      for (const subscriber of last) subscriber.complete();
    },
    get observed() {
      return subscribers.size > 0;
    },
  };
}
