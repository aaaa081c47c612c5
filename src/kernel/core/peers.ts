import type { Cancel } from '../../env/clock.js';
import type { Env } from '../../env/env.js';
import { deadline } from '../../env/time.js';
import type { Link } from '../../transport/link.js';
import { createIntake } from './intake.js';
import { createBacklog, type Waiting } from './backlog.js';
import { transportError, type AnyMessage, type Reason } from './message.js';
import { createPeer, type Peer } from './peer.js';
import { peerStart, peerStep, type PeerEvent } from './peer-state.js';
import type { Monitor } from './port-record.js';
import { createRecent } from './recent.js';
import { fireAll } from './remote-monitors.js';
import type { RunQueue } from './run-queue.js';

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
  /**
   * Tries to connect to a node, and calls `unreachable` when there is no way, never inside this call. The result ends the
   * attempt, also after it has succeeded, and then without harm to the connection.
   */
  connect(node: string): Cancel;
  receive(peer: Peer, portName: string, message: AnyMessage): void;
  /** The floors above know it before anything else comes from the node; users are told by what the result runs. */
  changed(change: NodeChange): () => void;
  fire(monitor: Monitor, reason: Reason): void;
}

/** Nodes that were seen once are remembered by id, so that `nodeIsUp` can tell down from unknown. */
const REMEMBERED = 10_000;

export function createPeers(context: PeersContext) {
  const { env, queue } = context;
  const peers = new Map<string, Peer>();
  const known = createRecent(REMEMBERED, (node) => peers.has(node));
  const waiting: Waiting = { size: 0 };
  const intake = createIntake<Link>();
  let searches = 0;
  /** Once the node is closed: how long a goodbye may take, ms. */
  let closing: number | undefined;

  const get = (node: string): Peer => {
    let peer = peers.get(node);
    if (peer === undefined) {
      peer = createPeer(node, {
        backlog: createBacklog(env.limits, waiting),
        want: (wanted) => { step(wanted, { kind: 'wanted' }); },
        sendLater,
      });
      peers.set(node, peer);
      known.add(node);
    }
    return peer;
  };

  const sendLater = (peer: Peer, portName: string, message: AnyMessage): boolean => {
    const { backlog } = peer;
    try {
      backlog.push(portName, message);
    } catch (error) {
      forgetUnused(peer);
      throw error;
    }
    step(peer, { kind: 'wanted' });
    const { excess } = backlog;
    if (excess !== undefined) {
      step(peer, { kind: 'unreachable', reason: excess });
      return false;
    }
    return backlog.size <= env.limits.highWaterMark;
  };

  /** Nothing is to be remembered of a node that was only named. */
  const forgetUnused = (peer: Peer): void => {
    if (peer.state.status === 'idle' && peer.monitors.isEmpty && peers.get(peer.node) === peer) peers.delete(peer.node);
  };

  const step = (peer: Peer, event: PeerEvent): void => {
    const next = peerStep(peer.state, event);
    peer.state = next.state;
    for (const effect of next.effects) {
      switch (effect.kind) {
        case 'connect':
          peer.stopConnecting = connect(peer);
          break;
        case 'stop':
          peer.stopConnecting?.();
          peer.stopConnecting = undefined;
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
        case 'hand over':
          handOver(peer, effect.link);
          step(peer, { kind: 'handed over', link: effect.link });
          break;
        case 'attach':
          attach(peer, effect.link);
          break;
      }
    }
  };

  const connect = (peer: Peer): Cancel => {
    if (searches >= env.limits.searches) {
      const reason = `${searches} other nodes are looked for: limits.searches`;
      queue.later(() => { step(peer, { kind: 'unreachable', reason }); });
      return () => undefined;
    }
    searches++;
    const cancelTimer = deadline(env.clock, context.monitorTimeout, () => {
      step(peer, { kind: 'unreachable', reason: 'connect timeout' });
    });
    const cancelAttempt = context.connect(peer.node);
    return () => {
      searches--;
      cancelTimer();
      cancelAttempt();
    };
  };

  /** The link is read once everybody has heard that the peer is up. */
  const attach = (peer: Peer, link: Link): void => {
    queue.run(context.changed({ node: peer.node, up: true, reason: [] }));
    queue.run(() => {
      let isOver = false;
      link.open({
        message: (portName, message) => { context.receive(peer, portName, message); },
        takeIn: queue.takeIn,
        closed(reason) {
          isOver = true;
          intake.remove(link);
          step(peer, { kind: 'closed', link, reason });
        },
      });
      if (!isOver) intake.add(link);
    });
  };

  /** What is sent meanwhile, by code that the encoding of a message calls (`toJSON`), waits too, and goes after the rest. */
  const handOver = (peer: Peer, link: Link): void => {
    try {
      for (let waiting = peer.backlog.takeAll(); waiting.length > 0; waiting = peer.backlog.takeAll()) {
        for (const [portName, message] of waiting) link.send(portName, message);
      }
    } catch (error) {
      // too large in this link's framing, or changed since it was sent (S10): monitors tell that it is lost
      link.close(`a message that waited can't be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  /** No silent loss (S2): whoever monitors a port of the peer hears of it before anything can arrive again. */
  const lose = (peer: Peer, text: string, wasUp: boolean): void => {
    const reason = transportError(peer.node, text);
    const taken = peer.monitors.takeAll();
    peer.backlog.takeAll();
    for (const stop of peer.watching.values()) stop();
    peer.watching.clear();
    queue.later(() => {
      // what was sent since then belongs to what is lost: nothing of it comes after the monitors, and those set since fire too
      const since = peer.monitors.takeAll();
      peer.backlog.takeAll();
      if (wasUp) context.changed({ node: peer.node, up: false, reason })();
      fireAll(taken, context.fire, reason);
      fireAll(since, context.fire, reason);
      forgetUnused(peer);
    });
  };

  const goodbye = (peer: Peer, link: Link, within: number): void => {
    peer.state = peerStart;
    for (const stop of peer.watching.values()) stop();
    handOver(peer, link);
    link.leave(within);
  };

  return {
    get,
    has: (node: string): boolean => peers.has(node),
    /** Watches a port of another node; the result stops that, also over there (S11). */
    monitor(node: string, portName: string, watcher: Monitor): () => void {
      const peer = get(node);
      try {
        return peer.monitors.add(portName, watcher);
      } finally {
        forgetUnused(peer);
      }
    },
    /** The peer's answer to a monitor: its port is dead. */
    died(peer: Peer, portName: string, reason: Reason): void {
      const taken = peer.monitors.take(portName);
      queue.run(() => {
        fireAll(taken, context.fire, reason);
      });
    },
    linked(link: Link): void {
      if (closing !== undefined) link.leave(closing);
      else step(get(link.node), { kind: 'linked', link });
    },
    /** Connects to a node though there is nothing to send (S22). */
    want(node: string): void {
      if (closing === undefined) step(get(node), { kind: 'wanted' });
    },
    unreachable(node: string, reason: string): void {
      const peer = peers.get(node);
      if (peer !== undefined) step(peer, { kind: 'unreachable', reason });
    },
    /** The connection to a node, if there is one. */
    linkTo(node: string): Link | undefined {
      const state = peers.get(node)?.state;
      return state !== undefined && 'link' in state ? state.link : undefined;
    },
    /** Reads no connection any further, or all again. */
    congested: intake.congested,
    /** Ends the connection to a node that has asked for what can't be done. */
    blame(node: string, reason: string): void {
      const state = peers.get(node)?.state;
      if (state?.status === 'up') state.link.close(reason);
      else env.log.warn({ node }, reason);
    },
    up(): string[] {
      return [...peers.values()].filter((peer) => peer.state.status === 'up').map((peer) => peer.node);
    },
    isUp(node: string): boolean | undefined {
      return known.has(node) ? peers.get(node)?.state.status === 'up' : undefined;
    },
    /** Says goodbye to those whose links are so, and gives these; what was sent has `within` ms to leave. Nobody comes in any more. */
    leave(within: number, which: (link: Link) => boolean): readonly Link[] {
      closing = within;
      return [...peers.values()].flatMap((peer) => {
        const { node, state } = peer;
        if (!('link' in state) || !which(state.link)) return [];
        peers.delete(node);
        goodbye(peer, state.link, within);
        return [state.link];
      });
    },
    /** Says goodbye to all. */
    close(within: number): void {
      closing = within;
      for (const peer of peers.values()) {
        const { node, state, backlog: { size: unsent } } = peer;
        if ('link' in state) {
          goodbye(peer, state.link, within);
          continue;
        }
        peer.state = peerStart;
        peer.stopConnecting?.();
        if (unsent > 0) {
          env.log.warn({ node, unsent }, `${unsent} bytes for ${node} had not left when the node was closed, since there was no connection: they are lost`);
        }
      }
      peers.clear();
    },
  };
}

export type Peers = ReturnType<typeof createPeers>;
