import { Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import type { Peers } from '../kernel/core/peers.js';
import type { Gate, Refusal } from '../transport/authenticate.js';
import { PROTOCOL, RUN_KEY } from '../transport/handshake.js';
import type { Link } from '../transport/link.js';
import { RESUMES_KEY } from '../transport/resumption.js';
import type { Greeting } from '../wire/greeting.js';
import type { GuestToken } from '../wire/guest-token.js';
import { comesAsGuest } from '../transport/methods.js';
import { admission, refusal, type Identity, type Standing } from './admission.js';
import { requestEcho } from './keepalive.js';
import { hasLost } from './life/lost.js';

/** What the gate needs of the network. */
export interface GateContext {
  readonly env: Env;
  /** The id of this node. */
  readonly own: string;
  readonly peers: Pick<Peers, 'linkTo'>;
  readonly monitorTimeout: number;
  /** What ends with the network. */
  readonly open: Subscription;
  /** A link that may go on over another connection (V10). */
  resumable(id: string): Link | undefined;
}

/** Asks who a guest is. */
export type AdmitGuest = (peer: Greeting, token: GuestToken, answer: (verdict: 'admit' | Refusal) => void) => void;

/** The gate of one connection, and what to call when its handshake is over. */
export interface Entrance {
  readonly gate: Gate;
  leave(): void;
}

type Answer = (verdict: 'admit' | Refusal) => void;

/** The longest wait for a probed connection, or for another handshake, ms; a peer waits 10 s for its own. */
const PATIENCE = 5_000;
const PROBE_LOOKS = 20;
/** How often to look whether another handshake is over, ms. */
const QUEUE_LOOK = 50;

export type Gates = ReturnType<typeof createGates>;

/** Keeps one connection to each node: carries out what {@link admission} decides. */
export function createGates({ env, own, peers, monitorTimeout, open, resumable }: GateContext) {
  const { clock } = env;
  const patience = Math.min(PATIENCE, monitorTimeout / 4);
  /** Connections that were let in, whose handshake is not over yet. */
  const admitted = new Map<string, Set<Greeting>>();

  const standing = (node: string): Standing => {
    const link = peers.linkTo(node);
    if (link !== undefined) return { kind: 'up', run: runOf(link.peer) };
    const [first] = admitted.get(node) ?? [];
    return first === undefined ? { kind: 'none' } : { kind: 'admitted', run: runOf(first) };
  };

  const admit = (peer: Greeting): 'admit' => {
    const set = admitted.get(peer.node);
    if (set === undefined) admitted.set(peer.node, new Set([peer]));
    else set.add(peer);
    return 'admit';
  };

  const forget = (peer: Greeting): void => {
    const set = admitted.get(peer.node);
    set?.delete(peer);
    if (set?.size === 0) admitted.delete(peer.node);
  };

  /** A timer that ends with the network. */
  const later = (ms: number, task: () => void): void => {
    const timer = new Subscription(
      deadline(clock, ms, () => {
        open.remove(timer);
        task();
      }),
    );
    open.add(timer);
  };

  /** Asks a connection for a sign of life before another one may take its place (S18). */
  const probe = (peer: Greeting, isGone: () => boolean, answer: Answer): void => {
    const link = peers.linkTo(peer.node);
    if (link === undefined) {
      queueBehind(peer, isGone, answer, patience);
      return;
    }
    const { signs } = link;
    const look = (left: number): void => {
      // who has given up meanwhile must not be let in: nobody would ever forget that he was
      if (isGone()) return;
      if (peers.linkTo(peer.node) !== link) probe(peer, isGone, answer);
      else if (link.signs > signs) answer(refusal(identityOf(peer), runOf(link.peer)));
      // what is not read can't answer
      else if (left > 0 && !isForgotten(link, peer)) later(patience / PROBE_LOOKS, () => { look(link.isRead || isSuspended(link) ? left - 1 : left); });
      else {
        link.close(`no answer within ${patience} ms, and a new connection to ${peer.node} is here`);
        answer(admit(peer));
      }
    };
    requestEcho(link, own);
    look(PROBE_LOOKS);
  };

  /**
   * Waits for the outcome of another handshake with the same node id (S17, S18); a while only, because who has not
   * authenticated yet must not keep others out.
   */
  const queueBehind = (peer: Greeting, isGone: () => boolean, answer: Answer, left: number): void => {
    if (isGone()) return;
    const link = peers.linkTo(peer.node);
    // it is new, so it is alive
    if (link !== undefined) answer(refusal(identityOf(peer), runOf(link.peer)));
    else if (left <= 0 || !admitted.has(peer.node)) answer(admit(peer));
    else later(QUEUE_LOOK, () => { queueBehind(peer, isGone, answer, left - QUEUE_LOOK); });
  };

  /** Who knows the key of a link may go on with it; its last connection is of no use to anybody any more. */
  const goOn = (peer: Greeting, id: string, answer: Answer): void => {
    const link = resumable(id);
    if (link?.node !== peer.node || runOf(link.peer) !== runOf(peer)) {
      answer({ code: 'forgotten', text: `${peer.node} wants to go on with a link that is gone` });
      return;
    }
    link.interrupt('the other end has connected again');
    answer('admit');
  };

  return {
    /** For a new connection; `isGone` tells whether its handshake has ended meanwhile. `resumes`: this end goes on with a link. */
    entrance(isGone: () => boolean, resumes: boolean, admitGuest?: AdmitGuest): Entrance {
      let visitor: Greeting | undefined;
      return {
        gate: {
          greeted(peer) {
            // it is no connection of the node, but of a stream
            if (peer.protocol !== PROTOCOL) return 'admit';
            if (resumes) return 'admit';
            // only once it has proved itself
            if (peer.keys.has(RESUMES_KEY) || (admitGuest !== undefined && comesAsGuest(peer))) return 'hold';
            visitor = peer;
            return admission(own, identityOf(peer), standing(peer.node)) === 'probe' ? 'hold' : admit(peer);
          },
          verified: (peer, answer, token) => {
            const id = peer.keys.get(RESUMES_KEY);
            visitor = peer;
            if (id !== undefined) goOn(peer, id, answer);
            else if (token === undefined || admitGuest === undefined) probe(peer, isGone, answer);
            else {
              admitGuest(peer, token, (verdict) => {
                if (verdict === 'admit') probe(peer, isGone, answer);
                else answer(verdict);
              });
            }
          },
        },
        leave() {
          if (visitor !== undefined) forget(visitor);
        },
      };
    },
  };
}

const isSuspended = (link: Link): boolean => link.status.status === 'suspended';

/** Who comes anew, and is the one that he was, has given the link up that still waits here, or says so of one that seems to be up. */
const isForgotten = (link: Link, peer: Greeting): boolean =>
  (isSuspended(link) || hasLost(peer, link)) && runOf(peer) !== undefined && runOf(peer) === runOf(link.peer);

function identityOf(peer: Greeting): Identity {
  return { node: peer.node, run: runOf(peer) };
}

function runOf(peer: Greeting): string | undefined {
  return peer.keys.get(RUN_KEY);
}
