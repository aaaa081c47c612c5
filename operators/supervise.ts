import { distinctUntilChanged, map, Observable, retry, switchMap, throwError, type OperatorFunction } from 'rxjs';
import { checkTime, PortDied, portError, signalOf, untilAborted, type Message, type MpNode, type PortId, type PortRef, type SignalOptions } from '../src/api.js';
import { backoffTime, checkBackoff, type Backoff } from './backoff.js';
import { timerUntilClosed } from './until-closed.js';
import { TooManyRestarts } from './too-many-restarts.js';

export interface SuperviseOptions extends SignalOptions {
  /** What the init function gets after the port. */
  readonly data?: readonly unknown[] | undefined;
  /** After which deaths to restart: `abnormal` ones, or `always`, also after a normal kill. Default: `abnormal`. */
  readonly restart?: 'abnormal' | 'always' | undefined;
  /** At most so many restarts ... Default: 3. */
  readonly restarts?: number | undefined;
  /** ... within so many ms. Default: 5,000. */
  readonly within?: number | undefined;
  /** The time before a restart, ms, or how it grows with the restarts that count at that moment. Default: 0. */
  readonly delay?: number | Backoff | undefined;
}

/**
 * Keeps one spawned port alive. The source says on which node: the port is spawned there, and its id emitted, at once and
 * after each restart. The same node again changes nothing; another node moves the port: the old one is killed normally,
 * a new one starts, and its restarts count from zero.
 *
 * When the port dies abnormally, its node is lost, or has no such init function (S12, S13, S20), it is restarted on the
 * same node after `delay`. A normal death completes the result, unless `restart` is `always`. More than `restarts` within
 * `within` ms are too many: the result errors with `TooManyRestarts`. `delay` must leave room for them: delays longer than
 * `within` / `restarts` mean trying for ever. (In Erlang's words: a transient or permanent child, intensity and period.)
 *
 * Unsubscribing kills the port normally, and so does an error of the source. When the source completes, the port stays
 * where it is, supervised. Several ports: `mergeMap((id) => of(id).pipe(supervise(node, init)))`.
 *
 * @param init The name of the function that `register` made known at the nodes.
 *
 * Throws a RangeError at once for a limit or a delay that makes no sense.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { supervise, TooManyRestarts } from 'rxmp/operators';
 * import { of } from 'rxjs';
 *
 * const node = await createNode();
 * node.register('fragile', (self, strength: number) => node.rcv(self, { hit: () => node.kil(self, 'broken', strength) }));
 *
 * await of(node.id)
 *   .pipe(supervise(node, 'fragile', { data: [7], restarts: 2, within: 1000, delay: { initial: 5, factor: 2 } }))
 *   .forEach((port) => {
 *     console.log(port); // three times, each time another port
 *     node.snd(port, 'hit');
 *   })
 *   .catch((error: TooManyRestarts) => console.log(error.code, error.reason)); // TOO_MANY_RESTARTS [ 'broken', 7 ]
 * await node.close();
 * ```
 */
export function supervise<M extends Message = Message>(
  node: MpNode,
  init: string,
  options: SuperviseOptions = {},
): OperatorFunction<PortRef, PortId<M>> {
  const { data = [], restart = 'abnormal', restarts = 3, within = 5_000, delay = 0 } = options;
  if (!(restarts >= 0)) throw new RangeError(`restarts is ${restarts}: expected a number of restarts, 0 or more`);
  checkTime('within', within);
  if (!(within > 0)) throw new RangeError(`within is ${within}: expected milliseconds above 0`);
  checkBackoff(delay);
  const signal = signalOf(options);

  /** One life of the port: errors with its death if that calls for a restart. */
  const life = (where: string): Observable<PortId<M>> =>
    new Observable((subscriber) => {
      const port = node.spawn<M>(where, init, ...data);
      let alive = true;
      subscriber.add(() => {
        if (alive) node.kil(port);
      });
      subscriber.add(
        node.mon(port).subscribe({
          next: (reason) => {
            alive = false;
            if (reason.length === 0 && restart === 'abnormal') subscriber.complete();
            else subscriber.error(portError(port, reason));
          },
          // without a reason: this node was closed
          complete: () => {
            subscriber.complete();
          },
        }),
      );
      subscriber.next(port);
    });

  /** Says when to restart, or that it is enough. */
  const createStrategy = () => {
    let recent: number[] = [];
    return (death: unknown): Observable<unknown> => {
      // what `spawn` throws is a mistake of the caller's
      if (!(death instanceof PortDied)) return throwError(() => death);
      const now = node.clock.monotonic();
      recent = recent.filter((time) => time > now - within);
      if (recent.length >= restarts) {
        return throwError(() => new TooManyRestarts(death.port, init, death.reason, { restarts, within }));
      }
      recent.push(now);
      return timerUntilClosed(node, backoffTime(delay, recent.length));
    };
  };

  return (source) =>
    source.pipe(
      map((where) => (typeof where === 'string' ? where : where.id)),
      distinctUntilChanged(),
      switchMap((where) => life(where).pipe(retry({ delay: createStrategy() }))),
      untilAborted(signal),
    );
}
