import { concat, map, of, type Observable } from 'rxjs';
import { afterwards } from './env/afterwards.js';
import type { Env } from './env/env.js';
import { owned } from './kernel/owned.js';
import { logged } from './kernel/unhandled.js';
import type { Link } from './transport/link.js';
import type { Method } from './transport/methods.js';

/** `up`, then `down` with the reason, then no more. */
export type ConnectionStatus = { readonly status: 'up' } | { readonly status: 'down'; readonly reason: string };

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
    remoteAddress: link.remoteAddress,
    initiator: link.initiator,
    status$: owned(concat(
      of({ status: 'up' } as const),
      link.closed$.pipe(map(({ reason }) => ({ status: 'down' as const, reason }))),
    ).pipe(afterwards(clock)), logged(log, 'status$')),
    writable$: owned(link.writable$.pipe(afterwards(clock)), logged(log, 'writable$')),
  };
}
