import { concatWith, defer, filter, map, merge, mergeMap, of, Subject, type Observable } from 'rxjs';
import { CallTimeout, checkTime, isPortId, NodeClosed, PortDied, signalOf, untilAborted } from '../src/api.js';
import type { CallArgs, FamilyChange, Message, MpNode, PortId, ReplyOf, SignalOptions } from '../src/api.js';
import { areComings } from './comings.js';
import { dispatchCalls } from './dispatch-calls.js';
import { createPortPool, type SpreadStrategy } from './port-pool.js';
import { timerUntilClosed } from './until-closed.js';

export interface SpreadCallsOptions extends SignalOptions {
  /** Which port is next: in turn, or the one with the fewest calls under way. Default: `least-outstanding`. */
  readonly strategy?: SpreadStrategy | undefined;
  /** Calls that may be under way at one port at a time. Default: 1. */
  readonly perPort?: number | undefined;
  /** Calls that may be under way at a time in all. Default: as many as there are ports for. */
  readonly concurrency?: number | undefined;
  /** How long each attempt may take, ms. Default: as long as the port lives. */
  readonly timeout?: number | undefined;
  /** How often a call is repeated after the first attempt. Default: 3. */
  readonly count?: number | undefined;
  /**
   * How long a port gets no calls after it has not answered in time, and the ports of a node after it was lost, ms, if
   * they stay in the family. One that is added to it again gets calls at once. Default: 1,000.
   */
  readonly ejectFor?: number | undefined;
  /** Which errors to repeat a call for. Default: that the call timed out, or the called port died. */
  readonly retryOn?: ((error: unknown) => boolean) | undefined;
}

/** The reply to a request of `spreadCalls`, and the port that gave it. */
export interface SpreadReply<A, R, P extends string = string> {
  readonly request: A;
  readonly reply: R;
  readonly port: P;
  /** How many it took; if more than 1, the request may have been carried out before. */
  readonly attempts: number;
}

/**
 * Calls some port of a family with each request, and gives the replies in the order in which they come, each with its
 * request. The ports are the keys of the family, as `dbReg` makes them; those that join get calls at once. A port that
 * leaves the family gets no further calls, and those under way there go on. While there is no port, requests wait.
 *
 * When the called port dies or its node is lost (S13), or the call times out, the call is repeated before others, at
 * another port if there is one. So a request may be carried out more than once, and gives one reply all the same. A port
 * that refuses the request, as `reply` does by killing the reply port, is not asked again: that is an answer.
 *
 * What can't be called, because `perPort` and `concurrency` are used up, waits here, unbounded. When a call has failed for
 * good the result errors with its last error and all others are given up; so does an error of the requests or the family.
 * A family that completes keeps its ports; when the last of them is gone, calls that wait fail with RxJS's `EmptyError`.
 *
 * Each subscriber has its own count of calls: what others call the same ports for is not known here.
 *
 * @param family$ What `node.dbMon(family)` gives. Keys that are no port ids are logged and left out.
 *
 * Throws a RangeError at once for a limit that makes no sense.
 *
 * @example
 * ```ts
 * import { createNode, type PortId } from 'rxmp';
 * import { reply, spreadCalls } from 'rxmp/operators';
 * import { map, range } from 'rxjs';
 *
 * type Work = ['square', n: number, reply: PortId<[square: number]>];
 *
 * const node = await createNode();
 * for (let i = 0; i < 3; i++) {
 *   const worker = node.port<Work>();
 *   node.rcv(worker, 'square').pipe(reply(node, ([n]) => [n ** 2])).subscribe();
 *   node.dbReg('workers', worker);
 * }
 *
 * await range(1, 5)
 *   .pipe(
 *     map((n) => ['square', n] as const),
 *     spreadCalls<Work>(node, node.dbMon('workers'), { perPort: 2, timeout: 1000 }),
 *   )
 *   .forEach(({ request: [, n], reply: [square], port }) => console.log(`${n} * ${n} = ${square}, says ${port}`));
 * await node.close();
 * ```
 */
export function spreadCalls<M extends Message = Message>(
  node: MpNode,
  family$: Observable<FamilyChange>,
  options: SpreadCallsOptions = {},
): <A extends CallArgs<M>>(requests: Observable<A>) => Observable<SpreadReply<A, ReplyOf<M, A[0]>, PortId<M>>> {
  const { strategy = 'least-outstanding', perPort = 1, concurrency = Infinity } = options;
  const { timeout, count = 3, ejectFor = 1_000, retryOn } = options;
  if (!(perPort >= 1)) throw new RangeError(`perPort is ${perPort}: expected 1 or more calls at a time`);
  if (!(concurrency >= 1)) throw new RangeError(`concurrency is ${concurrency}: expected 1 or more calls at a time`);
  if (!(count >= 0)) throw new RangeError(`count is ${count}: expected a number of repetitions, 0 or more`);
  checkTime('timeout', timeout);
  checkTime('ejectFor', ejectFor);
  const signal = signalOf(options);

  return <A extends CallArgs<M>>(requests: Observable<A>) =>
    defer(() => {
      const pool = createPortPool(strategy, perPort);
      const ejected$ = new Subject<number>();

      const follow = ({ family, add, del }: FamilyChange, index: number): void => {
        for (const port of del) pool.remove(port);
        for (const port of index === 0 ? family.keys() : add) {
          if (isPortId(port)) pool.add(port);
          else node.log.warn({ key: port }, 'left out a key that is no port id: it can not be called');
        }
      };

      const eject = (which: (port: string) => boolean): void => {
        const ejection = pool.eject(which);
        if (ejection !== undefined) ejected$.next(ejection);
      };

      const failed = (error: unknown, port: string, attempt: number): boolean => {
        if (error instanceof NodeClosed) return false;
        const loss = lossOf(error, port);
        if (loss === 'answer') eject((other) => other === port);
        if (loss === 'node') eject((other) => node.nodeOf(other) === node.nodeOf(port));
        if (loss === 'port') pool.bury(port);
        return attempt <= count && (retryOn === undefined ? loss !== undefined : retryOn(error));
      };

      const closed$ = defer(() => {
        pool.close();
        return of(undefined);
      });
      const followed$ = family$.pipe(filter(areComings), map(follow), concatWith(closed$));
      const restored$ = ejected$.pipe(
        mergeMap((ejection) => timerUntilClosed(node, ejectFor).pipe(map(() => pool.restore(ejection)))),
      );

      return dispatchCalls<A, SpreadReply<A, ReplyOf<M, A[0]>, PortId<M>>>(requests, {
        pool,
        changes$: merge(followed$, restored$),
        concurrency,
        attempt: (request, port, attempts) =>
          node.cal<string, Message>(port, ...(request as Message), { timeout }).pipe(
            // a key of the family is what its type says
            map((reply) => ({ request, reply: reply as ReplyOf<M, A[0]>, port: port as PortId<M>, attempts })),
          ),
        failed,
      });
    }).pipe(untilAborted(signal));
}

/** What was lost. Undefined: nothing, the port refused, or the call can't be made. */
function lossOf(error: unknown, port: string): 'answer' | 'port' | 'node' | undefined {
  if (error instanceof CallTimeout) return 'answer';
  // who refuses kills the reply port: then the error is of that port
  if (!(error instanceof PortDied) || error.port !== port) return undefined;
  return error.reason[0] === 'transport_error' ? 'node' : 'port';
}
