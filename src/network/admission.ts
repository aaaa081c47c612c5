import type { Refusal } from '../transport/authenticate.js';

/** What is known of another node's process: its id, and the run that tells two processes of one id apart. */
export interface Identity {
  readonly node: string;
  /** Random for each run of a node; AnyEvent::MP sends none. */
  readonly run: string | undefined;
}

/** How this end stands with the same node id when a new connection introduces itself. */
export type Standing =
  | { readonly kind: 'none' }
  /** Another connection of ours is in its handshake and was let in. */
  | { readonly kind: 'admitted'; readonly run: string | undefined }
  | { readonly kind: 'up'; readonly run: string | undefined };

/** `probe`: let in only once the other connection turns out to be dead, or its handshake fails. */
export type Verdict = 'admit' | 'probe';

/**
 * Decides on a new connection to a node. Pure; both ends ask it.
 *
 * S17: when two nodes connect to each other at the same time, both must keep the same connection. One of them decides,
 * the one with the lower node id: it lets in one connection at a time, and the other takes what is let in. A connection
 * that was refused never had the decider's proof, so that nobody has used it.
 *
 * S18: a second process with the same node id is let in only when the first does not answer any more.
 *
 * Nobody is refused for what has not authenticated yet: anyone can say that he is a certain run of a certain node.
 */
export function admission(own: string, peer: Identity, standing: Standing): Verdict {
  if (standing.kind === 'none') return 'admit';
  const sameRun = peer.run !== undefined && peer.run === standing.run;
  if (sameRun && own > peer.node) return 'admit';
  if (standing.kind === 'up') return 'probe';
  // nodes without runs (AnyEvent::MP) settle simultaneous connections themselves, by refusing the second
  return peer.run === undefined ? 'admit' : 'probe';
}

/** The refusal when the probed connection is alive. */
export function refusal(peer: Identity, aliveRun: string | undefined): Refusal {
  if (peer.run !== undefined && peer.run === aliveRun) return { code: 'connected', text: `${peer.node} is connected already` };
  return { code: 'duplicate', text: `another live node has the node id "${peer.node}"` };
}
