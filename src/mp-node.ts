/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs';
import type { Connection } from './connection.js';
import type { DatabaseFunctions } from './database/database-functions.js';
import type { Clock } from './env/clock.js';
import type { Logger } from './env/log.js';
import type { NodeScope, NodeScopeOptions } from './federation/node.js';
import type { Tagged } from './federation/pattern.js';
import type { NodeChange } from './kernel/core/peers.js';
import type { Port } from './kernel/port.js';
import type { PortFunctions } from './kernel/port-functions.js';
import type { StreamFunctions } from './stream/streams.js';

/** Options of `close`. */
export interface CloseOptions {
  /** How long what was sent may take to leave, ms. Infinity: as long as it takes, or until the connection is gone. Default: 5,000. */
  readonly timeout?: number | undefined;
}

/** A node: a program, or a part of one, that other nodes know by an id. Made by `createNode`. */
export interface MpNode extends PortFunctions, DatabaseFunctions, StreamFunctions {
  readonly id: string;
  /** The port whose code runs now. */
  readonly self: Port | undefined;
  /** Where this node listens: real addresses, with the ports that the system chose. */
  readonly addresses: readonly string[];
  /** The time of this node, for operators that take a scheduler. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Every authenticated connection: those that are up, then each new one. */
  readonly connections$: Observable<Connection>;

  /** The ids of the nodes that this one is connected with. */
  upNodes(): string[];
  /** True: connected; false: known, but not connected; undefined: unknown. */
  nodeIsUp(node: string): boolean | undefined;
  /**
   * Nodes that come and go, from now on; `upNodes` has those that are here. To wait for one:
   * `if (!node.nodeIsUp(id)) await firstValueFrom(node.monNodes().pipe(filter((change) => change.up && change.node === id)))`
   */
  monNodes(): Observable<NodeChange>;

  /**
   * A dataspace that this node shares with all nodes that federate the same name: what is asserted on one is observed on
   * all, while it is true and its node lives. Names are as families have them, else `BadFamily`.
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   * import { $ } from 'rxmp/federation';
   *
   * const node = await createNode();
   * const room = node.federate<{ type: 'present'; who: string }>('room');
   * room.observe({ type: 'present', who: $ }).subscribe(({ kind, captures }) => console.log(kind, captures.who));
   * room.assert({ type: 'present', who: 'ada' });
   * await node.close();
   * ```
   */
  federate<A extends Tagged>(name: string, options?: NodeScopeOptions): NodeScope<A>;

  /**
   * Says goodbye: what was sent leaves, connections and listeners close, the streams of all ports complete. Resolves when nothing is
   * held any more; what slow peers have not taken by `timeout` is dropped, and a warning in the log says for each of them how many
   * bytes that is. The first call counts. Throws RangeError for a `timeout` that is no time.
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   *
   * const node = await createNode();
   * await node.close({ timeout: 30_000 }); // peers may take half a minute to read the rest
   * console.log(node.upNodes()); // []
   * ```
   */
  close(options?: CloseOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
