import type { Cancel } from '../../env/clock.js';
import { request } from '../../wire/requests.js';
import type { Backlog } from './backlog.js';
import type { AnyMessage } from './message.js';
import { peerStart, type PeerState } from './peer-state.js';
import { createRemoteMonitors, type RemoteMonitors } from './remote-monitors.js';

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
  readonly backlog: Backlog;
  readonly monitors: RemoteMonitors;
  /** While connecting: ends the attempt and its time limit. */
  stopConnecting: Cancel | undefined;
}

/** What a peer needs of all of them. */
export interface PeerContext {
  readonly backlog: Backlog;
  /** Somebody has something to say to it, or wants to know whether it lives. */
  want(peer: Peer): void;
  /** Keeps a message until there is a connection; false above the high-water mark. */
  sendLater(peer: Peer, portName: string, message: AnyMessage): boolean;
}

/** A node of which nothing is known but its id. */
export function createPeer(node: string, { backlog, want, sendLater }: PeerContext): Peer {
  const peer: Peer = {
    node,
    state: peerStart,
    backlog,
    monitors: createRemoteMonitors({
      start(portName) {
        // a node port lives as long as its node: there is nothing to ask for, but the node has to be connected (S14)
        if (portName === '') want(peer);
        else peer.send('', request.mon1(portName));
      },
      stop(portName) {
        if (portName !== '' && peer.state.status !== 'idle') peer.send('', request.mon0(portName));
      },
    }),
    watching: new Map(),
    stopConnecting: undefined,
    send: (portName, message) =>
      peer.state.status === 'up' ? peer.state.link.send(portName, message) : sendLater(peer, portName, message),
  };
  return peer;
}
