import { catchError, EMPTY, type MonoTypeOperatorFunction } from 'rxjs';
import { dieReason, type MpNode, type PortRef } from '../src/api.js';

/**
 * Ties a pipeline to its port: when the stream fails, the port is killed with `['die', message]`, as it is by an exception
 * in a handler (S5), and its monitors and links learn of it. With that the error is handled: the result completes, and
 * everything else on the node goes on.
 *
 * A value that is no `Error` stands in the reason as it is. That the port itself died is no news: killing it once more
 * does nothing (S9). Completion passes and leaves the port alive; see `killOnComplete`.
 *
 * @param port A port of any node. A node port can't be killed: then the result fails with a TypeError.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { killOnError, withTag } from 'rxmp/operators';
 * import { firstValueFrom, map } from 'rxjs';
 *
 * const node = await createNode();
 * const port = node.port<['parse', json: string]>();
 * const death = firstValueFrom(node.mon(port));
 * port
 *   .pipe(
 *     withTag('parse'),
 *     map(([json]): unknown => JSON.parse(json)),
 *     killOnError(node, port),
 *   )
 *   .subscribe((value) => console.log(value));
 *
 * node.snd(port, 'parse', '[1]'); // prints [ 1 ]
 * node.snd(port, 'parse', 'no JSON');
 * console.log(await death); // [ 'die', `Unexpected token ...` ]
 * await node.close();
 * ```
 */
export function killOnError<T>(node: MpNode, port: PortRef): MonoTypeOperatorFunction<T> {
  return catchError((error: unknown) => {
    node.kil(port, ...dieReason(error));
    return EMPTY;
  });
}
