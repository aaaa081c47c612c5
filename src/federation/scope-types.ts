import type { Observable } from 'rxjs';
import type { Limits } from '../env/limits.js';
import type { Random } from '../env/random.js';
import type { SignalOptions } from '../env/signal.js';
import type { Guard } from '../kernel/guard.js';
import type { ScopeInspection } from './inspect.js';
import type { CapturesOf, Checked, PatternOf, Tagged } from './pattern.js';

/** What an observer sees: matches that come and go, and messages that fit. */
export interface ScopeEvent<C> {
  readonly kind: 'add' | 'del' | 'msg';
  readonly captures: C;
}

/**
 * A dataspace: programs assert in it what is true, and observe by patterns what others assert. It is one with all scopes
 * that it is federated with.
 */
export interface Scope<A extends Tagged> {
  readonly name: string;
  /**
   * What fits a pattern: first what does now, at once, as `add`; then what comes (`add`), goes (`del`) or is sent (`msg`).
   * Values that look the same to the pattern are one. Cold; observers of equal patterns share one subscription. Completes
   * when the scope is closed. Here as below a `signal` ends what was begun (A12).
   *
   * @example
   * scope.observe({ type: 'says', who: 'ada', text: $ }).subscribe(({ kind, captures: { text } }) => console.log(kind, text));
   */
  observe<const P extends PatternOf<A>>(pattern: P & Checked<A, P>, options?: SignalOptions): Observable<ScopeEvent<CapturesOf<A, P>>>;
  /** Like `observe`, with all that one action has caused in one array. */
  turns<const P extends PatternOf<A>>(pattern: P & Checked<A, P>, options?: SignalOptions): Observable<readonly ScopeEvent<CapturesOf<A, P>>[]>;
  /**
   * Asserts a value, until the result is unsubscribed. What is asserted twice has to be taken back twice. Throws
   * {@link BadValue} for what JSON does not carry.
   */
  assert(value: A, options?: SignalOptions): Guard;
  /** Asserts a value, or the last one of a stream, while it is subscribed. The next value is there before the last one goes. */
  asserting(value: A | Observable<A>, options?: SignalOptions): Observable<never>;
  /** Sends a message to all who observe it now; it is not kept. */
  send(message: A): void;
  /** Whether anybody observes what a value that fits the pattern could be: so that nobody asserts what nobody wants. */
  interest<const P extends PatternOf<A>>(pattern: P & Checked<A, P>, options?: SignalOptions): Observable<boolean>;
  /** Makes one turn of all that is done inside: others see it together. */
  transact(action: () => void): void;
  /** Resolves when all that was done before has arrived everywhere, and everything that this has caused at once is here. Rejects with the reason of `signal`. */
  settled(options?: SignalOptions): Promise<void>;
  /** Links, subscriptions and matches as they are now, for people who look. */
  inspect(): ScopeInspection;
  /** Takes back all assertions, completes all observers and closes all links. */
  close(): void;
}

/** Options of {@link createScope}; `signal` closes the scope. */
export interface ScopeOptions extends SignalOptions {
  /** Different from the names of all scopes that it is federated with. Default: the name and a random text. */
  readonly id?: string;
  /** Chance, for the default id. Default: the platform's cryptographic generator. */
  readonly random?: Random;
  readonly limits?: Partial<Limits>;
}
