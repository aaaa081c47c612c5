import type { Env } from '../env/env.js';
import { ProtocolError, RxmpError } from '../wire/errors.js';
import { makePortId } from '../wire/portid.js';
import type { AnyMessage } from './core/message.js';
import type { Correspondent, Peer } from './core/peer.js';
import type { Peers } from './core/peers.js';
import type { PortRecord } from './core/port-record.js';
import type { Ports } from './core/ports.js';
import type { Registry } from './core/registry.js';
import { handleRequest, type RequestContext } from './core/requests.js';
import type { RunQueue } from './core/run-queue.js';
import type { Spawning } from './core/spawning.js';

/** Requests to the node port that a floor above answers. */
export interface OtherRequests {
  knows(tag: string): boolean;
  /** False: nobody knows it. Throws `ProtocolError` for wrong shapes. */
  handle(from: string, tag: string, args: AnyMessage): boolean;
}

export interface AskedContext {
  readonly id: string;
  readonly env: Env;
  readonly ports: Ports;
  readonly queue: RunQueue;
  readonly peers: Peers;
  readonly functions: Registry;
  readonly spawning: Spawning;
  readonly nodePort: PortRecord;
  readonly others: OtherRequests;
  snd(port: string, message: AnyMessage): boolean;
}

/** Does what the node port is asked for, by peers and by this node itself (wire.md §2). */
export function createAsked({ id, env, ports, queue, peers, functions, spawning, nodePort, others, snd }: AskedContext) {
  const self: Correspondent = {
    node: id,
    watching: new Map(),
    send: (portName, message) => snd(makePortId(id, portName), message),
  };

  const context: RequestContext = {
    env,
    ports,
    idOf: (portName) => makePortId(id, portName),
    snd: (from, port, message) => { inOrder(from, () => { sendFor(port, message); }); },
    spawned: (from, portName, init, data) => {
      const port = spawning.adopt(from.node, portName);
      if (port !== undefined) queue.run(() => { spawning.initialize(port, init, data); });
    },
    call: (name, args) => {
      const code = functions.find(name);
      if (code === undefined) env.log.warn({ name }, `no function "${name}" is registered here`);
      else queue.run(() => { ports.guarded(() => code(nodePort, args), `function "${name}" threw`); });
    },
    died: (from, portName, reason) => {
      if (from !== self) peers.died(from as Peer, portName, reason);
    },
    knows: (name) => functions.find(name) !== undefined || others.knows(name),
    // this node asks its own floors by calls, and nobody may ask in its name
    other: (from, tag, args) => from !== self && others.handle(from.node, tag, args),
  };

  /** Sends what a peer asks for. What can't be sent ends the connection with the peer, so that it is not lost silently (S2). */
  const sendFor = (port: string, message: AnyMessage): void => {
    try {
      snd(port, message);
    } catch (error) {
      if (error instanceof RxmpError || error instanceof TypeError) throw new ProtocolError(error.message);
      throw error;
    }
  };

  /** Runs what a peer asks for after the messages that it has sent before, some of which may still wait. */
  const inOrder = (from: Correspondent, task: () => void): void => {
    if (queue.isIdle) {
      task();
      return;
    }
    queue.run(() => {
      try {
        task();
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        peers.blame(from.node, error.message);
      }
    });
  };

  return {
    /** A message to the node port. Throws {@link ProtocolError} when it has the wrong shape. Of a closed node only the floors above answer. */
    by(peer: Peer, message: AnyMessage, closed: boolean): void {
      const [tag, ...args] = message;
      if (!closed) handleRequest(context, peer, message);
      else if (typeof tag === 'string') others.handle(peer.node, tag, args);
    },
    /** The same from this node, whose port must not die of what it is sent. */
    bySelf: (...message: readonly unknown[]): void => {
      try {
        handleRequest(context, self, message);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        env.log.warn({ message }, `bad request to the own node port: ${error.message}`);
      }
    },
  };
}
