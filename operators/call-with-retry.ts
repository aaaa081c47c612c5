import { defer, first, from, mergeMap, of, retry, throwError } from 'rxjs';
import type { Observable, OperatorFunction } from 'rxjs';
import { CallTimeout, checkTime, NodeClosed, PortDied, signalOf, untilAborted } from '../src/api.js';
import type { CallArgs, MessageOf, MpNode, PortRef, ReplyOf, SignalOptions } from '../src/api.js';
import { backoffTime, checkBackoff, type Backoff } from './backoff.js';
import { timerOrClosed } from './until-closed.js';

/**
 * Where to get the port to call: an Observable whose first value it is, or a function that chooses. Each attempt asks anew,
 * so that a retry can go elsewhere; the first attempt has the number 1.
 */
export type CallTarget<P extends PortRef, A> =
  | Observable<P>
  | ((message: A, attempt: number) => P | Observable<P> | PromiseLike<P>);

export interface CallWithRetryOptions extends SignalOptions {
  /** How long each attempt may take, ms. Default: as long as the port lives. */
  readonly timeout?: number | undefined;
  /** How often a call is repeated after the first attempt. Default: 3. */
  readonly count?: number | undefined;
  /** The time before a repetition, ms, or how it grows. Default: 0. */
  readonly delay?: number | Backoff | undefined;
  /** Calls that may be under way at a time; further messages wait. Default: 1, which also keeps replies in order. */
  readonly concurrency?: number | undefined;
  /** Which errors to repeat a call for. Default: `CallTimeout` and `PortDied`. */
  readonly retryOn?: ((error: unknown) => boolean) | undefined;
}

/**
 * Calls a port with each message and gives the replies as they come. A call that times out, or whose port dies or is not
 * there (lost nodes included, S13), is repeated. When it has failed for good, the result errors with the last error, and
 * other calls are given up. So it does with `NodeClosed`, which is never retried.
 *
 * A call that is repeated may have been carried out before: retry what may safely happen twice. To know which message a
 * reply belongs to, call inside a `mergeMap` of your own: `mergeMap((m) => of(m).pipe(callWithRetry(node, port)), 8)`.
 *
 * @param target The port, or where to get it for each attempt. One that gives no port fails with RxJS's `EmptyError`.
 *
 * Throws a RangeError at once for a `count`, `concurrency` or `delay` that makes no sense.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { callWithRetry, reply } from 'rxmp/operators';
 * import { map, range } from 'rxjs';
 *
 * const node = await createNode();
 * const square = node.port();
 * node.rcv(square, 'square').pipe(reply(node, ([n]) => [Number(n) ** 2])).subscribe();
 * const gone = node.port();
 * node.kil(gone);
 *
 * await range(1, 3)
 *   .pipe(
 *     map((n) => ['square', n] as const),
 *     callWithRetry(node, (_, attempt) => (attempt === 1 ? gone : square), { timeout: 1000, delay: 10 }),
 *   )
 *   .forEach(([result]) => console.log(result)); // 1, 4, 9
 * await node.close();
 * ```
 */
export function callWithRetry<P extends PortRef, A extends CallArgs<MessageOf<P>>>(
  node: MpNode,
  port: P,
  options?: CallWithRetryOptions,
): OperatorFunction<A, ReplyOf<MessageOf<P>, A[0]>>;
export function callWithRetry<P extends PortRef, A extends CallArgs<MessageOf<P>>>(
  node: MpNode,
  target: CallTarget<P, A>,
  options?: CallWithRetryOptions,
): OperatorFunction<A, ReplyOf<MessageOf<P>, A[0]>>;
export function callWithRetry<P extends PortRef, A extends CallArgs<MessageOf<P>>>(
  node: MpNode,
  target: P | CallTarget<P, A>,
  options: CallWithRetryOptions = {},
): OperatorFunction<A, ReplyOf<MessageOf<P>, A[0]>> {
  const { timeout, count = 3, delay = 0, concurrency = 1, retryOn = isLost } = options;
  if (!(count >= 0)) throw new RangeError(`count is ${count}: expected a number of repetitions, 0 or more`);
  if (!(concurrency >= 1)) throw new RangeError(`concurrency is ${concurrency}: expected 1 or more calls at a time`);
  checkTime('timeout', timeout);
  checkBackoff(delay);
  const signal = signalOf(options);

  const callOf = (message: A): Observable<ReplyOf<MessageOf<P>, A[0]>> => {
    let attempt = 0;
    return defer(() => portOf(target, message, ++attempt)).pipe(
      first(),
      mergeMap((port) => node.cal<P, A>(port, ...message, { timeout })),
      retry({
        count,
        delay: (error: unknown, repetition) =>
          retryOn(error) && !(error instanceof NodeClosed) ? timerOrClosed(node, backoffTime(delay, repetition)) : throwError(() => error),
      }),
    );
  };
  return (messages) => messages.pipe(mergeMap(callOf, concurrency), untilAborted(signal));
}

const isLost = (error: unknown): boolean => error instanceof CallTimeout || error instanceof PortDied;

function portOf<P extends PortRef, A>(target: P | CallTarget<P, A>, message: A, attempt: number): Observable<P> {
  const found = typeof target === 'function' ? target(message, attempt) : target;
  // ports first: a port of this node is an Observable too, of its messages
  return isPort(found) ? of(found) : from(found as Observable<P>);
}

function isPort<P extends PortRef>(target: P | object): target is P {
  return typeof target !== 'object' || 'id' in target;
}
