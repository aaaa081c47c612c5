import { concatMap, endWith, filter, ignoreElements, of, switchMap, take, takeUntil } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { MessageOf, MpNode, PortRef } from '../src/api.js';

/**
 * Sends each value, a message, to a port, and emits it when more may be sent: at once, or, after `snd` returned false, as
 * soon as the connection to the port's node is writable again. Values that come meanwhile wait their turn here, unbounded.
 *
 * So the pressure is felt by whatever waits for the result. To let it slow a source down, make the messages in the same
 * inner stream: `mergeMap((name) => read(name).pipe(sendTo(node, port)), 2)` reads the next only when there is room.
 *
 * What was emitted was sent, not received. When the connection is lost, waiting ends and sending goes on (S1, S13); to
 * stop then, add `takeUntilDead`. A message that can't be sent (`MessageTooLarge`, a TypeError) fails the result.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { sendTo } from 'rxmp/operators';
 * import { map, range } from 'rxjs';
 *
 * const node = await createNode();
 * let sum = 0;
 * const adder = node.rcv(node.port<['add', number]>(), { add: (n) => (sum += n) });
 * await range(1, 100)
 *   .pipe(
 *     map((n) => ['add', n] as const),
 *     sendTo(node, adder),
 *   )
 *   .forEach(() => undefined);
 * console.log(sum); // 5050
 * await node.close();
 * ```
 */
export function sendTo<P extends PortRef, M extends Readonly<MessageOf<P>>>(node: MpNode, port: P): MonoTypeOperatorFunction<M> {
  return concatMap((message: M) =>
    node.snd(port, ...(message as unknown as MessageOf<P>)) ? of(message) : writable(node, node.nodeOf(port)).pipe(ignoreElements(), endWith(message)),
  );
}

/** Completes when the connection to a node takes more, or is lost. */
function writable(node: MpNode, target: string): Observable<unknown> {
  return node.connections$.pipe(
    filter((connection) => connection.node === target),
    switchMap((connection) => connection.writable$),
    filter((ready) => ready),
    take(1),
    takeUntil(node.mon(target)),
  );
}
