import type { Cancel } from '../../env/clock.js';
import type { Env } from '../../env/env.js';
import type { Link } from '../../transport/link.js';
import { checkSize } from '../../transport/outbox.js';
import { cborFraming } from '../../wire/cbor.js';
import { jsonFraming } from '../../wire/json.js';
import { transportError, type AnyMessage, type Reason } from './message.js';
import { peerStart, peerStep, type PeerEvent, type PeerState } from './peer-state.js';
import type { Monitor } from './port-record.js';
import type { RunQueue } from './run-queue.js';

/** A node as the kernel sees it: somebody who can be sent to, and who watches some of our ports. */
export interface Correspondent {
  readonly node: string;
  /** Our ports that the node monitors, with what stops that. */
  readonly watching: Map<string, () => void>;
  /** Sends to a port of the node. */
  send(portName: string, message: AnyMessage): boolean;
}

/** Another node. */
export interface Peer extends Correspondent {
  state: PeerState;
  /** What waits for a connection, with its encoded size in octets. */
  queue: [portName: string, message: AnyMessage][];
  queued: number;
  /** Our monitors of its ports; one `mon1` serves all monitors of a port. */
  monitors: Map<string, Set<Monitor>>;
  cancelTimer: Cancel | undefined;
}

export interface NodeChange {
  readonly node: string;
  readonly up: boolean;
  readonly reason: Reason;
}

/** What peers need of the rest of the kernel and of the network. */
export interface PeersContext {
  readonly env: Env;
  readonly queue: RunQueue;
  /** How long to try to connect, ms. */
  readonly monitorTimeout: number;
  /** Tries to connect to a node; calls `unreachable` when there is no way. */
  connect(node: string): void;
  receive(peer: Peer, portName: string, message: AnyMessage): void;
  changed(change: NodeChange): void;
  fire(monitor: Monitor, reason: Reason): void;
}

/** Nodes that were seen once are remembered by id, so that `nodeIsUp` can tell down from unknown. */
const REMEMBERED = 10_000;

export function createPeers(context: PeersContext) {
  const { env, queue } = context;
  const peers = new Map<string, Peer>();
  const known = new Set<string>();

  const get = (node: string): Peer => {
    let peer = peers.get(node);
    if (peer === undefined) {
      peer = create(node);
      peers.set(node, peer);
      known.add(node);
      if (known.size > REMEMBERED) for (const oldest of known) if (!peers.has(oldest) && known.delete(oldest)) break;
    }
    return peer;
  };

  const create = (node: string): Peer => {
    const peer: Peer = {
      node,
      state: peerStart,
      queue: [],
      queued: 0,
      monitors: new Map(),
      watching: new Map(),
      cancelTimer: undefined,
      send: (portName, message) => send(peer, portName, message),
    };
    return peer;
  };

  const send = (peer: Peer, portName: string, message: AnyMessage): boolean => {
    if (peer.state.status === 'up') return peer.state.link.send(portName, message);
    // encoded to learn its size, and so that what can't be encoded throws at the call
    const size = encodedSize(portName, message);
    checkSize(size, portName, env.limits);
    peer.queued += size;
    peer.queue.push([portName, message]);
    step(peer, { kind: 'wanted' });
    if (peer.queued > env.limits.queueSize) {
      const reason = `the queue is too long: ${peer.queued} octets wait, limits.queueSize is ${env.limits.queueSize}`;
      step(peer, { kind: 'unreachable', reason });
      return false;
    }
    return peer.queued <= env.limits.highWaterMark;
  };

  const step = (peer: Peer, event: PeerEvent): void => {
    const next = peerStep(peer.state, event);
    peer.state = next.state;
    for (const effect of next.effects) {
      switch (effect.kind) {
        case 'connect':
          peer.cancelTimer = env.clock.after(context.monitorTimeout, () => {
            step(peer, { kind: 'unreachable', reason: 'connect timeout' });
          });
          context.connect(peer.node);
          break;
        case 'lose':
          lose(peer, effect.reason, effect.wasUp);
          break;
        case 'settle':
          queue.later(() => {
            step(peer, { kind: 'settled', link: effect.link });
          });
          break;
        case 'close':
          effect.link.close(effect.reason);
          break;
        case 'attach':
          attach(peer, effect.link);
          break;
      }
    }
  };

  const attach = (peer: Peer, link: Link): void => {
    peer.cancelTimer?.();
    const waiting = peer.queue;
    peer.queue = [];
    peer.queued = 0;
    context.changed({ node: peer.node, up: true, reason: [] });
    try {
      for (const [portName, message] of waiting) link.send(portName, message);
    } catch (error) {
      // too large in this link's framing, or changed since it was sent (S10): monitors tell that it is lost
      link.close(`a message that waited can't be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
    link.open({
      message(portName, message) {
        context.receive(peer, portName, message);
      },
      closed(reason) {
        step(peer, { kind: 'closed', link, reason });
      },
    });
  };

  /** No silent loss (S2): whoever monitors a port of the peer hears of it before anything can arrive again. */
  const lose = (peer: Peer, text: string, wasUp: boolean): void => {
    peer.cancelTimer?.();
    const reason = transportError(peer.node, text);
    const monitors = [...peer.monitors.values()];
    peer.queue = [];
    peer.queued = 0;
    peer.monitors = new Map();
    for (const stop of peer.watching.values()) stop();
    peer.watching.clear();
    queue.later(() => {
      if (wasUp) context.changed({ node: peer.node, up: false, reason });
      for (const set of monitors) fireAll(set, reason);
      if (peer.state.status === 'idle' && peer.monitors.size === 0) peers.delete(peer.node);
    });
  };

  const fireAll = (set: Set<Monitor>, reason: Reason): void => {
    for (const monitor of [...set]) if (set.delete(monitor)) context.fire(monitor, reason);
  };

  /** Watches a port of another node; the result stops that, also over there (S11). */
  const monitor = (node: string, portName: string, watcher: Monitor): (() => void) => {
    const peer = get(node);
    let set = peer.monitors.get(portName);
    if (set === undefined) {
      peer.monitors.set(portName, (set = new Set()));
      // a node port lives as long as its node: there is nothing to ask for, but the node has to be connected (S14)
      if (portName === '') step(peer, { kind: 'wanted' });
      else send(peer, '', ['mon1', portName]);
    }
    set.add(watcher);
    const watchers = set;
    return () => {
      if (!watchers.delete(watcher) || watchers.size > 0 || peer.monitors.get(portName) !== watchers) return;
      peer.monitors.delete(portName);
      if (portName !== '' && peer.state.status !== 'idle') send(peer, '', ['mon0', portName]);
    };
  };

  return {
    get,
    monitor,
    /** The peer's answer to a monitor: its port is dead. */
    died(peer: Peer, portName: string, reason: Reason): void {
      const set = peer.monitors.get(portName);
      if (set === undefined) return;
      peer.monitors.delete(portName);
      queue.run(() => {
        fireAll(set, reason);
      });
    },
    linked(link: Link): void {
      step(get(link.node), { kind: 'linked', link });
    },
    unreachable(node: string, reason: string): void {
      const peer = peers.get(node);
      if (peer !== undefined) step(peer, { kind: 'unreachable', reason });
    },
    /** The connection to a node, if there is one. */
    linkTo(node: string): Link | undefined {
      const state = peers.get(node)?.state;
      return state?.status === 'up' || state?.status === 'attaching' ? state.link : undefined;
    },
    waiting(): string[] {
      return [...peers.values()].filter((peer) => peer.state.status === 'connecting').map((peer) => peer.node);
    },
    up(): string[] {
      return [...peers.values()].filter((peer) => peer.state.status === 'up').map((peer) => peer.node);
    },
    isUp(node: string): boolean | undefined {
      return known.has(node) ? peers.get(node)?.state.status === 'up' : undefined;
    },
    close(): void {
      for (const peer of peers.values()) {
        const { state } = peer;
        peer.state = peerStart;
        peer.cancelTimer?.();
        for (const stop of peer.watching.values()) stop();
        if (state.status === 'up' || state.status === 'attaching') state.link.close();
      }
      peers.clear();
    },
  };
}

export type Peers = ReturnType<typeof createPeers>;

/** The size in the framing that is most likely; the peer's is not known yet, and some values only CBOR carries. */
function encodedSize(portName: string, message: AnyMessage): number {
  try {
    return jsonFraming.encode(portName, message).length;
  } catch {
    return cborFraming.encode(portName, message).length;
  }
}
