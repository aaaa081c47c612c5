/** Options of what a signal ends. */
export interface SignalOptions {
  /**
   * When it is aborted, what was begun ends, as by `unsubscribe()`; a stream or promise fails with `signal.reason`. One that is aborted
   * already begins nothing (A12).
   */
  readonly signal?: AbortSignal | undefined;
}

/** The same where options stand at the end of a message: they have to be told from its elements. */
export type LastSignal = Required<SignalOptions>;

/** What each signal ends. One listener does for all: platforms look through a list for each, and warn when there are many. */
const ends = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `end` when the signal is aborted, unless the result is called before: then the signal holds nothing of it any more. */
export function onAbort(signal: AbortSignal, end: () => void): () => void {
  const all = ends.get(signal) ?? listen(signal);
  // an entry of its own, also for a function that is there already
  const own = (): void => { end(); };
  all.add(own);
  return () => {
    if (all.delete(own) && all.size === 0) forget(signal);
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  ends.set(signal, all);
  signal.addEventListener('abort', aborted);
  return all;
}

function forget(signal: AbortSignal): void {
  ends.delete(signal);
  signal.removeEventListener('abort', aborted);
}

/** One listener for all signals. What throws harms no other, and goes where errors of listeners go. */
function aborted(this: AbortSignal): void {
  const all = ends.get(this);
  if (all === undefined) return;
  forget(this);
  const errors: unknown[] = [];
  for (const end of [...all]) {
    // another may have taken it back
    if (!all.delete(end)) continue;
    try {
      end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several things failed to end');
}

/** By what it can do: it may come from another window, or from a library. */
export function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value && typeof value.addEventListener === 'function';
}

/** The signal of options. Throws a TypeError for what is none. */
export function signalOf(options: SignalOptions | undefined): AbortSignal | undefined {
  const signal: unknown = options?.signal;
  if (signal === undefined || isSignal(signal)) return signal;
  throw new TypeError(`the option signal is ${typeof signal === 'string' ? JSON.stringify(signal) : `of type ${typeof signal}`}: expected an AbortSignal, such as that of an AbortController`);
}

/** An element of a message is taken for options only if it can be nothing else: no message carries a signal. */
export function isSignalOption(value: unknown): value is LastSignal {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'signal') || Object.keys(value).length !== 1) return false;
  const { signal } = value as LastSignal;
  return signal === undefined || isSignal(signal);
}

/** A message, and the options at its end. */
export function withoutSignal(args: readonly unknown[]): readonly [message: readonly unknown[], signal: AbortSignal | undefined] {
  const last = args.at(-1);
  return isSignalOption(last) ? [args.slice(0, -1), last.signal] : [args, undefined];
}

/** A promise that is rejected with the signal's reason when it is aborted before. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => { reject(reasonOf(signal)); });
    promise.finally(off).then(resolve, reject);
  });
}

/** Why it was aborted: an error, unless whoever has aborted it chose something else. */
export const reasonOf = (signal: AbortSignal): Error => signal.reason as Error;

/** What of one node signals end: a node that is closed leaves nothing at them. */
export function createSignals() {
  const held = new Set<() => void>();
  return {
    /** Like {@link onAbort}. */
    on(signal: AbortSignal, end: () => void): () => void {
      const off = onAbort(signal, () => {
        held.delete(off);
        end();
      });
      held.add(off);
      return () => {
        held.delete(off);
        off();
      };
    },
    close(): void {
      for (const off of held) off();
      held.clear();
    },
  };
}
