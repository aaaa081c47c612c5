/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs';
import type { Connection } from './connection.js';
import type { DatabaseFunctions } from './database/database-functions.js';
import type { Clock } from './env/clock.js';
import type { Logger } from './env/log.js';
import type { SignalOptions } from './env/signal.js';
import type { NodeScope, NodeScopeOptions } from './federation/node.js';
import type { Tagged } from './federation/pattern.js';
import type { AttachablePort } from './channel/port/port.js';
import type { GuestIdentity } from './access/core/identity.js';
import type { GuestHandle } from './access/gate/house.js';
import type { Guard } from './kernel/guard.js';
import type { PortRef } from './kernel/types.js';
import type { NodeChange } from './kernel/core/peers.js';
import type { Port } from './kernel/port.js';
import type { PortFunctions } from './kernel/port-functions.js';
import type { NodeStatus } from './node-status.js';
import type { AttachOptions, NodeWorker, SpawnWorkerOptions, WorkerSource } from './workers/types.js';
import type { StreamFunctions } from './stream/streams.js';

/** Options of `close`. */
export interface CloseOptions extends SignalOptions {
  /** How long what was sent may take to leave, ms. Infinity: as long as it takes, or until the connection is gone. Default: 5,000. */
  readonly timeout?: number | undefined;
}

/** A node: a program, or a part of one, that other nodes know by an id. Made by `createNode`. */
export interface MpNode extends PortFunctions, DatabaseFunctions, StreamFunctions {
  readonly id: string;
  /** The port whose code runs now. */
  readonly self: Port | undefined;
  /**
   * Where this node listens now: real addresses, with the ports that the system chose. Those on a server of somebody else come and go with it
   * (G11).
   */
  readonly addresses: readonly string[];
  /** The time of this node, for operators that take a scheduler. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Every authenticated connection: those that are up, then each new one. */
  readonly connections$: Observable<Connection>;
  /**
   * How the node stands with the network, for people: the current status first, then each other one. Completes after `closed` (V12).
   *
   * @example
   * ```ts
   * node.status$.subscribe((now) => {
   *   if (now.status === 'connecting') console.log(`attempt ${now.attempt}: ${now.why?.text ?? 'the first one'}`);
   *   else console.log(now.status);
   * });
   * ```
   */
  readonly status$: Observable<NodeStatus>;

  /** The ids of the nodes that this one is connected with. */
  upNodes(): string[];
  /** True: connected; false: known, but not connected; undefined: unknown. */
  nodeIsUp(node: string): boolean | undefined;
  /**
   * Nodes that come and go, from now on; `upNodes` has those that are here. To wait for one:
   * `if (!node.nodeIsUp(id)) await firstValueFrom(node.monNodes().pipe(filter((change) => change.up && change.node === id)))`
   */
  monNodes(options?: SignalOptions): Observable<NodeChange>;

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
   * The guests of this gate, as they are now, then each time that one comes or goes (G7). Of a node that is no gate: none, once.
   *
   * @example
   * ```ts
   * gate.guests$.subscribe((guests) => {
   *   for (const { user, counts } of guests) console.log(user, counts.messages);
   * });
   * ```
   */
  readonly guests$: Observable<readonly GuestHandle[]>;

  /** Sends guests away, by node id or by user, tells them why, and gives how many there were. They do not try to come again (G7). */
  revoke(who: string, reason?: string): number;

  /**
   * Who the guest is whose port this is, as its gate says; undefined: its node is no guest, or is not connected with this one. No guest can
   * forge it (G4).
   *
   * @example
   * ```ts
   * node.rcv(lobby, { join: (reply: string) => node.snd(reply, `hello ${node.guest(reply)?.user ?? 'colleague'}`) });
   * ```
   */
  guest(port: PortRef): GuestIdentity | undefined;

  /**
   * Stays connected with the node at the other end of a port, as with any other node: a `MessagePort`, of an iframe or a SharedWorker
   * too, or a `Worker` (V18). No secret is needed; that node has the port in its option `attach`, or calls `attach` too. When the worker has
   * ended, or the port is closed, monitors fire at once. The guard says goodbye to it. Throws TypeError for what is no port.
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   * import { firstValueFrom } from 'rxjs';
   *
   * const { port1, port2 } = new MessageChannel();
   * const one = await createNode({ nodeid: 'one' });
   * one.attach(port1);
   * const other = await createNode({ nodeid: 'other', attach: [port2] }); // in real life in another thread, or page
   * other.register('demo::greet', (_self, name: unknown, reply: string) => other.snd(reply, `hello ${String(name)}`));
   *
   * console.log(await firstValueFrom(one.cal('other', 'demo::greet', 'ada'))); // [ 'hello ada' ]
   * await Promise.all([one.close(), other.close()]);
   * ```
   */
  attach(port: AttachablePort, options?: AttachOptions): Guard;

  /**
   * Starts a worker, a thread that is a node, and resolves when it is connected (V19). Its file calls `createNode({ attach: ['parent'] })`. A
   * file's path is taken from the working directory, or from the page. Rejects when the worker fails before, when its node does not come within
   * `monitorTimeout`, or `NodeClosed`. The worker ends with this node; `terminate()` ends it before, and so does `signal`.
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   * import { firstValueFrom } from 'rxjs';
   * import { isMainThread } from 'node:worker_threads';
   *
   * if (isMainThread) {
   *   const node = await createNode();
   *   const worker = await node.spawnWorker(import.meta.url, { name: 'squares' });
   *   console.log(await firstValueFrom(node.cal(worker.node, 'demo::square', 12))); // [ 144 ]
   *   await node.close();
   * } else {
   *   const node = await createNode({ attach: ['parent'] });
   *   node.register('demo::square', (_self, n: unknown, reply: string) => node.snd(reply, Number(n) ** 2));
   * }
   * ```
   */
  spawnWorker(source: WorkerSource, options?: SpawnWorkerOptions): Promise<NodeWorker>;

  /**
   * Says goodbye: what was sent leaves, connections and listeners close, the streams of all ports complete. Resolves when nothing is
   * held any more; what slow peers have not taken by `timeout` is dropped, and a warning in the log says for each of them how many
   * bytes that is. The first call counts. Throws RangeError for a `timeout` that is no time. `signal` ends the waiting, with a rejection; what
   * is closing can't be stopped.
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
