import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { MpNode, PortRef } from '../src/api.js';

/**
 * Kills a port normally when the stream completes: its work is done, linked ports live on (S12). What was sent to the port
 * before still reaches it. Errors and unsubscription leave the port alone; with `killOnError` before it in the pipe, the
 * port lives exactly as long as the pipeline.
 *
 * @param port A port of any node. A node port can't be killed: then the result fails with a TypeError.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { killOnComplete, sendTo } from 'rxmp/operators';
 * import { lastValueFrom, map, of, toArray } from 'rxjs';
 *
 * const node = await createNode();
 * const port = node.port<['word', string]>();
 * const received = lastValueFrom(port.pipe(toArray()));
 * of('a', 'b')
 *   .pipe(
 *     map((word) => ['word', word] as const),
 *     sendTo(node, port),
 *     killOnComplete(node, port),
 *   )
 *   .subscribe();
 *
 * console.log(await received); // [ [ 'word', 'a' ], [ 'word', 'b' ] ]
 * await node.close();
 * ```
 */
export function killOnComplete<T>(node: MpNode, port: PortRef): MonoTypeOperatorFunction<T> {
  return tap({
    complete: () => {
      node.kil(port);
    },
  });
}
