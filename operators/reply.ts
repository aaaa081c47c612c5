import { catchError, defer, EMPTY, from, isObservable, mergeMap, of, tap } from 'rxjs';
import type { Observable, OperatorFunction } from 'rxjs';
import { dieReason, isPortId, type Message, type MpNode, type Port, type PortId, type PortRef } from '../src/api.js';
import { killOnComplete } from './kill-on-complete.js';
import { takeUntilDead } from './take-until-dead.js';

/** What is asked: a message without its last element, the port that the answer goes to. */
export type RequestOf<M extends readonly unknown[]> = M extends readonly [...infer Args, infer Last]
  ? Last extends PortRef
    ? Readonly<Args>
    : never
  : readonly unknown[];

/** The messages that the reply port of a request takes; any, if its type does not say. */
export type AnswerOf<M extends readonly unknown[]> = M extends readonly [...unknown[], infer Last]
  ? Last extends Port<infer R> | PortId<infer R>
    ? R
    : Message
  : Message;

/** One answer now, one later, or several. An array is always one message. */
export type Answers<R> = R | PromiseLike<R> | Observable<R> | AsyncIterable<R>;

export interface ReplyOptions {
  /** How many answers may be worked on at a time; other requests wait. Default: no limit. */
  readonly concurrency?: number | undefined;
  /**
   * The reply port is a stream of the caller: the end of the answers kills it normally, and its death ends the work on
   * the answers. It costs a monitor and a kill for each request. Default: false, the reply port is only sent to.
   */
  readonly stream?: boolean | undefined;
}

/**
 * Answers requests: messages whose last element is a reply port, as `node.cal` sends them. What `project` makes of the
 * rest of the message is sent to that port, as a message: `[sum]` arrives as the `[sum]` that `cal` gives. Several values
 * are several messages. Emits each answer once it is sent.
 *
 * A failure of `project`, or an answer that can't be sent, is logged and kills the reply port with `['die', message]`
 * (S5): so `cal` fails at once with the reason instead of waiting for its timeout. The stream and other requests go on. As
 * a reply port may thus be killed, callers make one for each request. A message without a reply port is logged and dropped.
 *
 * @param project Gets the message without its reply port, and the number of the request, from 0.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { reply } from 'rxmp/operators';
 * import type { PortId } from 'rxmp';
 * import { firstValueFrom } from 'rxjs';
 *
 * const node = await createNode();
 * const port = node.port<['add', a: number, b: number, reply: PortId<[sum: number]>]>();
 * node
 *   .rcv(port, 'add')
 *   .pipe(reply(node, ([a, b]) => [a + b]))
 *   .subscribe();
 *
 * console.log(await firstValueFrom(node.cal(port, 'add', 2, 3))); // [ 5 ]
 * await node.close();
 * ```
 */
export function reply<M extends readonly unknown[], R extends AnswerOf<M>>(
  node: MpNode,
  project: (request: RequestOf<M>, index: number) => Answers<R>,
  options: ReplyOptions = {},
): OperatorFunction<M, R> {
  const { concurrency = Infinity, stream = false } = options;
  if (!(concurrency >= 1)) throw new RangeError(`concurrency is ${concurrency}: expected 1 or more answers at a time`);
  return mergeMap((message, index) => {
    const port = replyPortOf(message);
    if (port === undefined) {
      node.log.warn({ message }, 'dropped a request without a reply port as its last element');
      return EMPTY;
    }
    const answers = defer(() => streamOf(project(message.slice(0, -1) as unknown as RequestOf<M>, index))).pipe(
      tap((answer) => node.snd(port, ...checkedAnswer(answer))),
    );
    const tied = stream ? answers.pipe(killOnComplete(node, port), takeUntilDead(node, port)) : answers;
    return tied.pipe(
      catchError((error: unknown) => {
        node.log.warn({ err: error, port }, `could not answer ${port}`);
        node.kil(port, ...dieReason(error));
        return EMPTY;
      }),
    );
  }, concurrency);
}

/** The id of the port at the end of a message; undefined if there is none. A node port expects no answers. */
function replyPortOf(message: readonly unknown[]): string | undefined {
  const last = message.at(-1);
  const id = typeof last === 'object' && last !== null && 'id' in last ? last.id : last;
  return isPortId(id) ? id : undefined;
}

/** Types don't reach plain JavaScript, where `() => 'text'` would be a message of letters. */
function checkedAnswer(answer: unknown): Message {
  if (Array.isArray(answer)) return answer as unknown as Message;
  throw new TypeError(`an answer is a message, an array such as [value], not ${typeof answer}`);
}

function streamOf<R>(answers: Answers<R>): Observable<R> {
  if (isObservable(answers)) return answers;
  if (Array.isArray(answers)) return of(answers as R);
  return from(answers as PromiseLike<R> | AsyncIterable<R>);
}
