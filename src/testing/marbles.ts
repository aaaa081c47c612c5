import { Observable, Subject, Subscription, dematerialize, type ObservableNotification } from 'rxjs';
import type { Clock } from '../env/clock.js';
import { difference } from './marble-drawing.js';
import { parseMarbles, parseSubscription, parseTime, type MarbleEvent, type MarbleValues } from './marble-syntax.js';
import { VirtualClock } from './virtual-clock.js';

/** The vocabulary of a marble test; see `parseMarbles` for the syntax of diagrams. */
export interface Marbles {
  /** An observable that plays the diagram for each subscriber from its beginning. */
  cold<T = string>(diagram: string, values?: MarbleValues<T>, error?: unknown): Observable<T>;
  /** An observable that plays the diagram once, from now on or, if it has a `^`, as if it had begun before. */
  hot<T = string>(diagram: string, values?: MarbleValues<T>, error?: unknown): Observable<T>;
  /** Subscribes at once, or as `subscription` draws it (`'-^--!'`), and compares at {@link Marbles.flush}. */
  expectObservable<T>(observable: Observable<T>, subscription?: string): MarbleExpectation<T>;
  /** The ms up to the `|` of a diagram. */
  time(diagram: string): number;
  /** Runs the clock until nothing is left, then throws an Error that draws the first stream that was not as expected. */
  flush(): void;
}

/** What is expected of one stream. */
export interface MarbleExpectation<T> {
  toBe(diagram: string, values?: MarbleValues<T>, error?: unknown): void;
}

/**
 * Marble helpers on a virtual clock, for any test framework. Frames count from the time of this call.
 *
 * @example
 * const clock = new VirtualClock();
 * const { cold, expectObservable, flush } = marbles(clock);
 * expectObservable(cold('a-b|').pipe(delay(2, clock))).toBe('--a-(b|)');
 * flush();
 */
export function marbles(clock: VirtualClock): Marbles {
  const start = clock.monotonic();
  const checks: (() => string | undefined)[] = [];

  return {
    cold(diagram, values, error) {
      if (diagram.includes('^')) throw new Error(`"${diagram}" is cold: it begins when subscribed to and takes no "^"`);
      return played(clock, parseMarbles(diagram, values, error));
    },

    hot<T>(diagram: string, values?: MarbleValues<T>, error?: unknown) {
      const subject = new Subject<T>();
      const events = parseMarbles(diagram, values, error).filter(({ frame }) => frame >= 0);
      // by the next task, so that whoever is set to subscribe in the same frame comes first
      clock.soon(() => played(clock, events).subscribe(subject));
      return subject.asObservable();
    },

    expectObservable<T>(observable: Observable<T>, subscription = '^'): MarbleExpectation<T> {
      const actual: MarbleEvent<T>[] = [];
      let expected: MarbleEvent<T>[] | undefined;
      let known: MarbleValues<T> | undefined;
      record(clock, observable, subscription, start, actual);
      checks.push(() => {
        if (expected === undefined) return 'expectObservable(...) expects nothing: call toBe(diagram)';
        return difference(expected, actual, known);
      });
      return {
        toBe(diagram, values, error) {
          expected = parseMarbles(diagram, values, error);
          known = values;
        },
      };
    },

    time: parseTime,

    flush() {
      clock.run();
      const failures = checks.splice(0).flatMap((check) => check() ?? []);
      if (failures.length > 0) throw new Error(failures.join('\n'));
    },
  };
}

/**
 * A whole marble test: makes a clock, runs `test` with the helpers, plays everything and checks. Returns what `test`
 * returns.
 *
 * @example
 * runMarbles(({ cold, expectObservable, clock }) => {
 *   expectObservable(cold('ab|').pipe(debounceTime(5, clock))).toBe('--(b|)');
 * });
 */
export function runMarbles<R>(test: (helpers: Marbles & { readonly clock: VirtualClock }) => R): R {
  const clock = new VirtualClock();
  const helpers = marbles(clock);
  const result = test({ ...helpers, clock });
  helpers.flush();
  return result;
}

function played<T>(clock: Clock, events: readonly MarbleEvent<T>[]): Observable<T> {
  return new Observable<ObservableNotification<T>>((subscriber) => {
    for (const { frame, notification } of events) subscriber.add(clock.after(frame, () => subscriber.next(notification)));
  }).pipe(dematerialize());
}

function record<T>(
  clock: Clock,
  observable: Observable<T>,
  subscription: string,
  start: number,
  events: MarbleEvent<T>[],
): void {
  const { subscribed, unsubscribed } = parseSubscription(subscription);
  const begin = start - clock.monotonic() + (subscribed === Infinity ? 0 : subscribed);
  const add = (notification: ObservableNotification<T>): void => {
    events.push({ frame: clock.monotonic() - start, notification });
  };
  const active = new Subscription();
  clock.after(begin, () => {
    const observer = {
      next: (value: T) => add({ kind: 'N', value }),
      error: (error: unknown) => add({ kind: 'E', error }),
      complete: () => add({ kind: 'C' }),
    } as const;
    active.add(observable.subscribe(observer));
  });
  // set now, not when subscribed: what happens in the frame of the "!" is not seen any more
  if (unsubscribed !== Infinity) clock.after(start - clock.monotonic() + unsubscribed, () => active.unsubscribe());
}
