import type { Observable } from 'rxjs';
import type { Channels } from '../../network/relay/channels.js';
import type { Gates } from '../../network/gate.js';
import type { AuthenticateConfig } from '../../transport/authenticate.js';
import type { Duplex } from '../../transport/duplex.js';
import type { Link } from '../../transport/link.js';
import type { GuestLimits } from '../core/allowance.js';
import type { Right } from '../core/rights.js';

/** What a gate's function `admit` says of a guest. */
export interface Admission {
  /** Who it is, as your program knows users. Other nodes get it from `node.guest(port)`. */
  readonly user: string;
  /** What it may do: made by `send`, `spawn`, `read`, `write`, `federate` and `monitor`. */
  readonly may: readonly Right[];
  /** When the rights end, as `Date.now()` has it, ms; the guest is asked for its credentials again in time (G7). Default: never. */
  readonly expires?: number | undefined;
  /** Other limits than those of the node (G8). */
  readonly limits?: GuestLimits | undefined;
}

/** From where a guest comes. */
export interface GuestVisit {
  /** The guest's node id. */
  readonly guest: string;
  /** As `host:port`; behind a proxy that is trusted what that says (G9). */
  readonly remoteAddress: string;
  /** The origin of a page, as its browser says: `https://shop.example`. */
  readonly origin: string | undefined;
}

/** The option `guests`: what makes a node a gate. */
export interface GuestsOption {
  /**
   * Says who a guest is by its credentials, and what it may do. Undefined, a rejected promise, or what it throws refuses the guest; the
   * message of an error is told to it. An error that is more than a plain `Error`, or has a `cause`, is logged as a warning besides. Has as long as a handshake may take (`limits.handshakeTime`).
   */
  admit(credentials: string, visit: GuestVisit): Admission | undefined | Promise<Admission | undefined>;
}

/** One guest. */
export interface Guest {
  readonly id: string;
  /** Only the guest and its gates have it. */
  readonly key: string;
  /** Random for each run of the guest's node. */
  readonly run: string;
  readonly user: string;
}

/** What guests need of the network of their gate. */
export interface GateNetwork {
  readonly channels: Pick<Channels, 'to'>;
  /** The handshake of a connection that is not one of this node itself; `own` is what differs, with keys besides the usual ones. */
  shakeHands(duplex: Duplex, own: Partial<AuthenticateConfig>, gates: Gates): Observable<Link>;
  /** Makes a connection with a node for somebody else, as a channel for `what` where it can be one. */
  reach(node: string, what: readonly unknown[], shake: (duplex: Duplex) => Observable<Link>): Observable<Link>;
}
