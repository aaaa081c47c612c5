import { catchError, defer, EMPTY, filter, from, isObservable, merge, mergeMap, Observable, retry, take, takeUntil, throwError, timer } from 'rxjs';
import type { ObservableInput, TeardownLogic } from 'rxjs';
import { PortDied, portError, signalOf, untilAborted, type MpNode, type PortRef, type SignalOptions } from '../src/api.js';
import { backoffTime, checkBackoff, type Backoff } from './backoff.js';
import { closingOf } from './until-closed.js';

export interface WhileUpOptions extends SignalOptions {
  /**
   * The pause before a lost node is looked for again, ms, or how it grows until the port was there for longer than the last pause. Default:
   * `{ initial: 500, factor: 2, max: 30_000 }`. A node that is back by itself ends the pause.
   */
  readonly delay?: number | Backoff | undefined;
  /**
   * What the result does when the port dies abnormally, is not there, or may not be monitored: `complete` is for ports that are found in a
   * family, where another one takes its place ({@link joinPorts}). Default: `error`.
   */
  readonly onDeath?: 'error' | 'complete' | undefined;
}

/** The values of the stream that `join` gives; none where it gives something else. */
export type JoinedValue<J> = J extends string ? never : J extends ObservableInput<infer V> ? V : never;

const DELAY: Backoff = { initial: 500, factor: 2, max: 30_000 };

/**
 * Joins a port for as long as it lives: a room, a topic, a service. Runs `join` when the port is there, and again each time after its
 * node, or the connection to it, was lost and is back (V12a). What `join` started ends when the port is lost, and when the result is
 * unsubscribed.
 *
 * The result completes when the port is killed normally, and when `node` itself is closed. It errors with `PortDied` when the port dies
 * abnormally or is not there (S15). A node that was started again has no port of its last run (S6): that is `no_such_port`. So find
 * such ports in a family, and join each of them: `node.dbMon('rooms').pipe(joinPorts(node, join))`.
 *
 * `join` runs once for each time that the connection is made. While a link is suspended nothing is lost, so nothing is joined again.
 *
 * @param port The port, here or elsewhere. A node id alone is for as long as that node is connected, and again.
 * @param join Gives a stream (or what RxJS's `from` takes), whose values are those of the result, and which is unsubscribed at the end.
 * Or a function or a subscription, as a guard is, for the end. Or nothing, if there is nothing to be ended. What it throws, and what its
 * stream fails with, the result fails with, but for the loss of the port's node.
 *
 * Throws a RangeError at once for a `delay` that makes no sense.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { whileUp } from 'rxmp/operators';
 * import { firstValueFrom } from 'rxjs';
 *
 * const node = await createNode();
 * // a room greets who joins, and forgets who leaves
 * const room = node.port<['join' | 'leave', who: string, member: string]>((tag, who, member) => {
 *   if (tag === 'join') node.snd(member, 'text', `hello ${who}`);
 * });
 *
 * // a member of it, on any node: joins again whenever the room's node was lost and is back
 * const me = node.port();
 * const greeting = firstValueFrom(node.rcv(me, 'text'));
 * const membership = whileUp(node, room, () => {
 *   node.snd(room, 'join', 'ann', me.id);
 *   return () => node.snd(room, 'leave', 'ann', me.id);
 * }).subscribe();
 * console.log(await greeting); // [ 'hello ann' ]
 *
 * membership.unsubscribe();
 * await node.close();
 * ```
 */
export function whileUp<P extends PortRef, J>(
  node: MpNode,
  port: P,
  join: (port: P) => J,
  options: WhileUpOptions = {},
): Observable<JoinedValue<J>> {
  const { delay = DELAY, onDeath = 'error' } = options;
  checkBackoff(delay);
  const signal = signalOf(options);
  const id = typeof port === 'string' ? port : port.id;
  const home = node.nodeOf(id);
  const isLoss = (error: unknown): boolean => error instanceof PortDied && error.reason[0] === 'transport_error' && error.reason[1] === home;
  const isEnd = (error: unknown): boolean => error instanceof PortDied && error.port === id && (error.reason.length === 0 || (onDeath === 'complete' && !isLoss(error)));

  const joined$ = defer(() => {
    let pause = 0;
    let repetition = 0;
    let joined: number | undefined;

    /** From one connection to its end: errors with the death of the port. */
    const life = new Observable<JoinedValue<J>>((subscriber) => {
      subscriber.add(
        node.mon(id).subscribe({
          next: (reason) => {
            if (reason.length === 0) return;
            const death = portError(id, reason);
            if (onDeath === 'complete' && !isLoss(death)) subscriber.complete();
            else subscriber.error(death);
          },
          // after a normal kill, and when this node is closed
          complete: () => {
            subscriber.complete();
          },
        }),
      );
      // had there been no such port, the monitor would have told before the answer
      const values$ = node.cal(home, 'time').pipe(
        // of a lost node the monitor tells
        catchError(() => EMPTY),
        mergeMap(() => {
          joined = node.clock.monotonic();
          return running<JoinedValue<J>>(join(port));
        }),
      );
      subscriber.add(
        values$.subscribe({
          next: (value) => {
            subscriber.next(value);
          },
          error: (error: unknown) => {
            if (isEnd(error)) subscriber.complete();
            else subscriber.error(error);
          },
        }),
      );
    });

    const again = (error: unknown): Observable<unknown> => {
      if (!isLoss(error)) return throwError(() => error);
      if (joined !== undefined && node.clock.monotonic() - joined > pause) repetition = 0;
      joined = undefined;
      pause = backoffTime(delay, ++repetition);
      const back$ = node.monNodes().pipe(filter((change) => change.up && change.node === home));
      return merge(timer(pause, node.clock), back$).pipe(take(1), takeUntil(closingOf(node)));
    };
    return life.pipe(retry({ delay: (error) => again(error) }));
  });
  return joined$.pipe(untilAborted(signal));
}

/** What `join` gave, as a stream that ends it with its subscription. */
function running<V>(made: unknown): Observable<V> {
  if (typeof made === 'function' || isSubscription(made)) return new Observable<never>(() => made as TeardownLogic);
  return typeof made === 'object' && made !== null ? from(made as ObservableInput<V>) : EMPTY;
}

/** A subject is a stream, too. */
function isSubscription(made: unknown): boolean {
  return typeof made === 'object' && made !== null && 'unsubscribe' in made && !isObservable(made);
}
