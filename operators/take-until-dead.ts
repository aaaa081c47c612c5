import { endWith, map, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import { portError, type MpNode, type PortRef } from '../src/api.js';

/**
 * Ends a stream together with a port, be it here or on another node: completes when the port is killed normally, and
 * errors with `PortDied` when it dies abnormally, is not there (`no_such_port`), or its node is lost (S12, S13, S15); with
 * `SpawnRefused` when it could not be spawned (S20).
 *
 * The port is monitored while subscribed; the stream completes when `node` itself is closed. A node that is not connected is connected to (S14). The streams of a local port
 * itself end with it and need no operator.
 *
 * @param port The port, or a node id for as long as that node is connected.
 *
 * @example
 * ```ts
 * import { createNode, PortDied } from 'rxmp';
 * import { takeUntilDead } from 'rxmp/operators';
 * import { interval } from 'rxjs';
 *
 * const node = await createNode();
 * const consumer = node.port(() => undefined);
 * await new Promise<void>((resolve) => {
 *   interval(5, node.clock)
 *     .pipe(takeUntilDead(node, consumer))
 *     .subscribe({
 *       next: (count) => (count < 3 ? node.snd(consumer, 'count', count) : node.kil(consumer, 'full', count)),
 *       error: (error: PortDied) => {
 *         console.log(error.reason); // [ 'full', 3 ]
 *         resolve();
 *       },
 *     });
 * });
 * await node.close();
 * ```
 */
export function takeUntilDead<T>(node: MpNode, port: PortRef): MonoTypeOperatorFunction<T> {
  const id = typeof port === 'string' ? port : port.id;
  const death$ = node.mon(port).pipe(
    map((reason) => {
      if (reason.length > 0) throw portError(id, reason);
    }),
    // without a reason: this node was closed
    endWith(undefined),
  );
  return takeUntil(death$);
}
