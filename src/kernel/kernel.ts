import { defaultIfEmpty, defer, forkJoin, of } from 'rxjs';
import { createBroadcast } from '../env/broadcast.js';
import type { Cancel } from '../env/clock.js';
import type { Env } from '../env/env.js';
import { word } from '../env/random.js';
import { createSignals } from '../env/signal.js';
import { deadline } from '../env/time.js';
import { isVia } from '../transport/address.js';
import { isGuestId, spawnedPrefix } from '../wire/guest-token.js';
import { checkedNode, makePortId, nodeOf, portNameOf } from '../wire/portid.js';
import { request } from '../wire/requests.js';
import { createAsked, type OtherRequests } from './asked.js';
import { createArrivals } from './core/arrivals.js';
import { deepFreeze } from './core/freeze.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { Peer } from './core/peer.js';
import { createPeers, type NodeChange } from './core/peers.js';
import type { Monitor, PortRecord } from './core/port-record.js';
import { createPorts } from './core/ports.js';
import { createRegistry } from './core/registry.js';
import { sendWithReason } from './core/tell.js';
import { createRunQueue, type RunQueue } from './core/run-queue.js';
import { createSpawning } from './core/spawning.js';
import { LocalPort, type PortHome } from './local-port.js';

export interface KernelOptions {
  readonly id: string;
  readonly env: Env;
  /** How long to try to connect to a node, ms. */
  readonly monitorTimeout: number;
  /** Freeze messages, so that code that changes one after sending it fails loudly (S10). */
  readonly freezeMessages: boolean;
  /** Tries to connect to a node, until the result is called; calls `peers.unreachable` later when there is no way. */
  connect(node: string): Cancel;
  /** The floors above know it before anything else comes from the node; users are told by what the result runs. */
  changed(change: NodeChange): () => void;
  /** Requests to the node port that a floor above answers. */
  readonly requests: OtherRequests;
}

/** A node without its RxJS face: ports, peers and what runs between them. */
export type Kernel = ReturnType<typeof createKernel>;

/** Long enough that no two runs of a node, and no two nodes, make the same port names (S6). */
const UNIQUE_LENGTH = 10;
/** Letters that nobody guesses. */
const SECRET_LENGTH = 22;

export function createKernel(options: KernelOptions) {
  const { id, env } = options;
  const prefix = `${id}#`;
  // ports that are made here, for calls or else, and ports that this node makes elsewhere, are named apart (wire.md §3)
  const unique = word(env.random, UNIQUE_LENGTH);
  const replyNames = `c${unique}`;
  const spawnNames = isGuestId(id) ? spawnedPrefix(id) : `s${word(env.random, UNIQUE_LENGTH)}`;
  // all but the number, so that the id of a port is one concatenation: its parts stay in memory
  const ownIds = `${prefix}a${unique}`;
  const replyIds = prefix + replyNames;
  const functions = createRegistry();
  const closing = createBroadcast<undefined>();
  const signals = createSignals();
  /** The parts of the id that was sent to last: it is often the next one too. More are not kept, since most are of reply ports. */
  let last = { port: id, node: id, portName: '' };
  let counter = 0;
  // others are told of a guest's ports, and could send to what they can guess (G5): 131 bits each
  const next = isGuestId(id) ? () => word(env.random, SECRET_LENGTH) : () => (++counter).toString(36);
  let closed = false;

  const home: PortHome = {
    env,
    snd,
    kil,
    get ports() { return ports; },
  };
  const ports = createPorts(env.log, () => queue, {
    create: (portId) => new LocalPort(home, portId),
    released: (portId) => { arrivals.forget(portId); },
  });
  const arrivals = createArrivals(prefix, replyNames, ports.records);
  const queue: RunQueue = createRunQueue(env, {
    dispatch: ports.dispatch,
    congested: (on) => { peers.congested(on); },
  });
  const spawning = createSpawning({ id, env, ports, functions });
  const peers = createPeers({
    env,
    queue,
    monitorTimeout: options.monitorTimeout,
    connect: options.connect,
    receive,
    changed: options.changed,
    fire: ports.fire,
  });

  const nodePort = ports.add(id);
  const asked = createAsked({ ...{ id, env, ports, queue, peers, functions, nodePort, snd }, spawning, others: options.requests });
  ports.setHandler(nodePort, 'default', asked.bySelf);

  function receive(peer: Peer, portName: string, message: AnyMessage): void {
    if (portName === '') {
      asked.by(peer, message, closed);
      return;
    }
    const port = arrivals.find(portName);
    if (port !== undefined && !port.dying) queue.post(port, message);
  }

  function snd(port: string, message: AnyMessage): boolean {
    const record = ports.records.get(port);
    if (record === undefined) return sndElsewhere(port, message);
    if (!record.dying) queue.post(record, options.freezeMessages ? deepFreeze(message) : message);
    return true;
  }

  function sndElsewhere(port: string, message: AnyMessage): boolean {
    if (closed) {
      checkedNode(port);
      return false;
    }
    if (port !== last.port) {
      const known = nodeOf(port);
      // a peer that is known has an id that was checked
      last = { port, node: peers.has(known) ? known : checkedNode(port), portName: portNameOf(port) };
    }
    const { node, portName } = last;
    if (node !== id) {
      const peer = peers.get(node);
      // as `peer.send` would, with one call less on the way of each message
      return peer.state.status === 'up' ? peer.state.link.send(portName, message) : peer.send(portName, message);
    }
    if (portName === '') queue.post(nodePort, message);
    return true;
  }

  function kil(port: string, reason: Reason): void {
    const node = checkedNode(port);
    const portName = portNameOf(port);
    if (portName === '') throw new TypeError(`${port} is a node port: it lives as long as its node and can't be killed`);
    if (node === id) {
      const record = ports.records.get(port);
      if (record !== undefined) ports.kill(record, reason);
    } else if (!closed) {
      const peer = peers.get(node);
      sendWithReason((why) => peer.send('', request.kil1(portName, why)), reason);
    }
  }

  function monitor(port: string, watcher: Monitor): () => void {
    const node = checkedNode(port);
    const portName = portNameOf(port);
    if (closed) return () => undefined;
    return node === id ? ports.monitor(makePortId(id, portName), watcher) : peers.monitor(node, portName, watcher);
  }

  function spawn(node: string, init: string, data: AnyMessage): string {
    const target = checkedNode(node);
    const portName = spawnNames + next();
    if (target === id && !closed) {
      const port = ports.add(prefix + portName);
      // the init function runs after spawn has returned, yet before anything that is sent to the port (S20)
      queue.next(() => { spawning.initialize(port, init, data); });
    } else if (!closed) peers.get(target).send('', request.spawn(portName, init, data));
    return makePortId(target, portName);
  }

  /** A new port without receivers, with an id that begins so; a dead one when the node is closed. */
  function createPort(ids: string): PortRecord {
    const portId = ids + next();
    return closed ? ports.dead(portId, []) : ports.add(portId);
  }

  return {
    id,
    env,
    nodePort,
    ports,
    queue,
    peers,
    snd,
    kil,
    monitor,
    spawn,
    /** A new port without receivers. */
    createPort: () => createPort(ownIds),
    /** A new port for one answer. */
    createReply: () => createPort(replyIds),
    /** Ends the call that waits for its answer at a port, if one does, as who can't answer does. */
    failCall: (reply: string, reason: Reason): void => { if (reply.startsWith(replyIds)) kil(reply, reason); },
    register: functions.register,
    /** Runs a task when a signal is aborted, unless it is taken back, or the node is closed. */
    onAbort: signals.on,
    /** The function that is registered by a name. */
    find: functions.find,
    /** Runs a task after so many ms, unless it is taken back: what has arrived by then is handled first. */
    deadline: (ms: number, task: () => void): Cancel => {
      let wanted = true;
      const cancel = deadline(env.clock, ms, () => {
        queue.run(() => {
          if (wanted) task();
        });
      });
      return () => {
        wanted = false;
        cancel();
      };
    },
    get closed() {
      return closed;
    },
    /** Emits when the node closes, or at once if it is closed. */
    closed$: defer(() => (closed ? of(undefined) : closing.stream$)),
    /** Ends all streams and connections. What was sent before still has `within` ms to leave. */
    close(within: number): void {
      closed = true;
      const end = env.clock.monotonic() + within;
      // what goes through relays leaves over the other connections, which are closed after it
      const relayed = peers.leave(within, ({ remoteAddress }) => isVia(remoteAddress));
      const close = (): void => { peers.close(Math.max(0, end - env.clock.monotonic())); };
      if (relayed.length === 0) close();
      else forkJoin(relayed.map(({ left$ }) => left$.pipe(defaultIfEmpty(0)))).subscribe({ complete: close });
      const observers = [...ports.records.values()].flatMap((port) => ports.release(port, []));
      queue.clear();
      signals.close();
      // users hear of it when all is over (S31)
      closing.next(undefined);
      closing.complete();
      for (const observer of observers) observer.done([]);
    },
  };
}
