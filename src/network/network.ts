import { Observable, Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Address } from '../transport/address.js';
import { authenticate, ConnectionFailed, type Gate, type Refusal } from '../transport/authenticate.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import { RUN_KEY, type HandshakeConfig } from '../transport/handshake.js';
import type { Link } from '../transport/link.js';
import type { Greeting } from '../wire/greeting.js';
import { admission, refusal, type Standing } from './admission.js';
import { createDial, transportFor } from './dial.js';
import { requestEcho, watchSilence } from './keepalive.js';
import { createSeeds } from './seeds.js';

export interface NetworkOptions {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly transports: readonly Transport[];
  readonly seeds: readonly Address[];
  /** Within this time a peer that is gone is noticed, ms. */
  readonly monitorTimeout: number;
  /** A handshake's configuration for one connection. */
  handshake(remoteAddress: string): HandshakeConfig;
  /** A new authenticated connection. */
  linked(link: Link): void;
  selfSeed(address: Address): void;
}

export type Network = ReturnType<typeof createNetwork>;

/** The longest wait for the echo of a probed connection, ms; a peer waits 10 s for its handshake. */
const PROBE_TIME = 5_000;
const PROBE_LOOKS = 20;
/** How often to look whether another handshake is over, ms. */
const QUEUE_LOOK = 50;

/** Listens, dials seeds, authenticates, and decides which connection to a node is the one. */
export function createNetwork(options: NetworkOptions) {
  const { env, kernel } = options;
  const { clock, log, limits } = env;
  const { peers } = kernel;
  const open = new Subscription();
  /** Connections that were let in, whose handshake is not over yet. */
  const admitted = new Map<string, Set<Greeting>>();
  let pending = 0;

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

  const forget = (peer: Greeting | undefined): void => {
    const set = peer && admitted.get(peer.node);
    if (peer === undefined || set === undefined) return;
    set.delete(peer);
    if (set.size === 0) admitted.delete(peer.node);
  };

  /** A timer that ends with the network. */
  const later = (ms: number, task: () => void): void => {
    const timer = new Subscription(clock.after(ms, () => {
      open.remove(timer);
      task();
    }));
    open.add(timer);
  };

  /**
   * Waits for the outcome of another handshake with the same node id (S17, S18); a while only, because who has not
   * authenticated yet must not keep others out.
   */
  const queueBehind = (peer: Greeting, isGone: () => boolean, answer: (verdict: 'admit' | Refusal) => void, left: number): void => {
    if (isGone()) return;
    const link = peers.linkTo(peer.node);
    // it is new, so it is alive
    if (link !== undefined) answer(refusal({ node: peer.node, run: runOf(peer) }, runOf(link.peer)));
    else if (left <= 0 || !admitted.has(peer.node)) answer(admit(peer));
    else later(QUEUE_LOOK, () => { queueBehind(peer, isGone, answer, left - QUEUE_LOOK); });
  };

  /** Asks a connection for a sign of life before another one may take its place (S18). */
  const probe = (peer: Greeting, isGone: () => boolean, answer: (verdict: 'admit' | Refusal) => void): void => {
    const link = peers.linkTo(peer.node);
    if (link === undefined) {
      queueBehind(peer, isGone, answer, limits.handshakeTime / 2);
      return;
    }
    const { signs } = link;
    const time = Math.min(PROBE_TIME, options.monitorTimeout / 4);
    const look = (left: number): void => {
      // who has given up meanwhile must not be let in: nobody would ever forget that he was
      if (isGone()) return;
      if (peers.linkTo(peer.node) !== link) probe(peer, isGone, answer);
      else if (link.signs > signs) answer(refusal({ node: peer.node, run: runOf(peer) }, runOf(link.peer)));
      else if (left > 0) later(time / PROBE_LOOKS, () => { look(left - 1); });
      else {
        link.close(`no answer within ${time} ms, and a new connection to ${peer.node} is here`);
        answer(admit(peer));
      }
    };
    requestEcho(link, kernel.id);
    look(PROBE_LOOKS);
  };

  /** The handshake of one connection, with this node as its gate. */
  const authenticated = (duplex: Duplex, initiator: boolean): Observable<Link> =>
    new Observable<Link>((subscriber) => {
      let guest: Greeting | undefined;
      const gate: Gate = {
        greeted(peer) {
          guest = peer;
          const verdict = admission(kernel.id, { node: peer.node, run: runOf(peer) }, standing(peer.node));
          return verdict === 'probe' ? 'hold' : admit(peer);
        },
        verified: (peer, answer) => {
          probe(peer, () => subscriber.closed, answer);
        },
      };
      const config = options.handshake(duplex.remoteAddress);
      subscriber.add(() => {
        forget(guest);
      });
      return authenticate(duplex, config, initiator, env, gate).subscribe({
        next: (link) => {
          forget(guest);
          adopt(link);
          subscriber.next(link);
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });

  const adopt = (link: Link): void => {
    const { node, remoteAddress, method } = link;
    log.info({ node, remoteAddress, method }, `connected with ${node} at ${remoteAddress}`);
    link.closed$.subscribe(({ reason, clean }) => {
      log[clean ? 'info' : 'warn']({ node, remoteAddress, reason }, `connection with ${node} ended: ${reason}`);
    });
    watchSilence(link, kernel.id, options.monitorTimeout, clock);
    options.linked(link);
    peers.linked(link);
  };

  const welcome = (duplex: Duplex): void => {
    const { remoteAddress } = duplex;
    if (pending >= limits.pendingHandshakes) {
      log.warn({ remoteAddress }, `refused ${remoteAddress}: ${pending} connections are in their handshake already`);
      duplex.close(new Error('too many pending handshakes'));
      return;
    }
    pending++;
    const handshake = authenticated(duplex, false).subscribe({ error: (error: unknown) => { report(error, remoteAddress); } });
    handshake.add(() => {
      pending--;
      open.remove(handshake);
    });
    open.add(handshake);
  };

  const report = (error: unknown, remoteAddress: string): void => {
    const text = error instanceof Error ? error.message : String(error);
    const failure = error instanceof ConnectionFailed ? error.failure : undefined;
    // simultaneous connections and own seeds are nothing to worry about
    if (failure === 'connected' || failure === 'self') log.debug({ remoteAddress }, text);
    else if (failure === 'duplicate') log.error({ remoteAddress }, `refused ${remoteAddress}: ${text}`);
    else log.warn({ remoteAddress }, `connection from ${remoteAddress} failed: ${text}`);
  };

  const dial = createDial(env, options.transports, (duplex) => authenticated(duplex, true));

  const seeds = createSeeds(options.seeds, {
    env,
    monitorTimeout: options.monitorTimeout,
    dial,
    linkTo: (node) => peers.linkTo(node),
    identified: () => {
      for (const node of peers.waiting()) connect(node);
    },
    selfSeed: options.selfSeed,
  });

  const connect = (node: string): void => {
    if (seeds.mayReach(node)) return;
    // never inside the call that wanted the connection
    clock.soon(() => {
      peers.unreachable(node, 'no known address');
    });
  };

  return {
    connect,
    start: seeds.start,
    /** Listens; resolves with the real addresses, or rejects with an error that names the bind. */
    listen(bind: Address): Promise<readonly string[]> {
      return new Promise((resolve, reject) => {
        open.add(
          transportFor(options.transports, bind)
            .listen(bind)
            .subscribe({
              next: (event) => {
                if (event.kind === 'listening') resolve(event.addresses);
                else welcome(event.duplex);
              },
              error: reject,
            }),
        );
      });
    },
    close(): void {
      seeds.close();
      open.unsubscribe();
    },
  };
}

function runOf(peer: Greeting): string | undefined {
  return peer.keys.get(RUN_KEY);
}
