import { concat, defer, map, takeUntil, type Observable } from 'rxjs';
import { afterwards } from './env/afterwards.js';
import type { Clock } from './env/clock.js';
import type { Env } from './env/env.js';
import { owned } from './kernel/owned.js';
import { logged } from './kernel/unhandled.js';
import type { Link, LinkStatus } from './transport/link.js';
import type { Method } from './transport/methods.js';

/** `up`, `suspended` and `up` again as often as that happens, then `closed`, and no more (V12). */
export type ConnectionStatus =
  | { readonly status: 'up' }
  | Suspension
  /** It is over; the reason is for people. */
  | { readonly status: 'closed'; readonly reason: string };

/** A connection broke, and is being made again. */
export interface Suspension {
  readonly status: 'suspended';
  /** Why it broke, for people. */
  readonly reason: string;
  /** Since how long, ms. */
  readonly elapsed: number;
  /** In how many ms it is given up. */
  readonly endsIn: number;
  /** In how many ms the next attempt begins; undefined: one is under way, or the other end makes it. */
  readonly nextIn: number | undefined;
}

/** How it is with a link that has no connection. */
export type SuspendedLink = Extract<LinkStatus, { readonly status: 'suspended' }>;

/** Seen from now. */
export function suspensionOf({ status, reason, since, until, nextTry }: SuspendedLink, clock: Pick<Clock, 'monotonic'>): Suspension {
  const now = clock.monotonic();
  const from = (time: number): number => Math.max(0, time - now);
  return { status, reason, elapsed: now - since, endsIn: from(until), nextIn: nextTry === undefined ? undefined : from(nextTry) };
}

/** An authenticated connection to another node. */
export interface Connection {
  /** The id of the other node. */
  readonly node: string;
  /** The framings of what is sent and received: `rxmp_json`, `json` or `cbor`; over the port of a worker `rxmp_values`. */
  readonly framing: { readonly sent: string; readonly received: string };
  /** How the other node has proved itself, for instance `rxmp_sha3_512`. */
  readonly method: Method;
  /** False: it has proved nothing (`tls_anon`), which `acceptAnonymous` allows, or was attached as not trusted. */
  readonly trusted: boolean;
  /** The connection is encrypted, by TLS or by `wss://`: nobody on the way can read or change anything. */
  readonly secure: boolean;
  /** The other node's implementation as it says itself, for instance `AE-2.01`. */
  readonly provider: string | undefined;
  readonly remoteAddress: string;
  /** This node has opened the connection. */
  readonly initiator: boolean;
  /** The current status first. */
  readonly status$: Observable<ConnectionStatus>;
  /** False while more waits to be sent than `limits.highWaterMark`, the time in which `snd` returns false. */
  readonly writable$: Observable<boolean>;
}

export function connectionOf(link: Link, { clock, log }: Pick<Env, 'clock' | 'log'>): Connection {
  return {
    node: link.node,
    framing: { sent: link.sendFraming, received: link.receiveFraming },
    method: link.method,
    trusted: link.trusted,
    secure: link.secure,
    provider: link.peer.keys.get('provider'),
    get remoteAddress() {
      return link.remoteAddress;
    },
    initiator: link.initiator,
    // nobody wants them of most connections
    status$: owned(defer(() => concat(
      link.status$.pipe(takeUntil(link.closed$)),
      link.closed$.pipe(map(({ reason }) => ({ status: 'closed' as const, reason }))),
    ).pipe(
      afterwards(clock),
      map((state) => (state.status === 'suspended' ? suspensionOf(state, clock) : state)),
    )), logged(log, 'status$')),
    writable$: owned(defer(() => link.writable$.pipe(afterwards(clock))), logged(log, 'writable$')),
  };
}
