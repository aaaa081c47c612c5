import type { Request } from '../channel/core/mux.js';
import type { Refusal } from '../transport/authenticate.js';
import type { Duplex } from '../transport/duplex.js';
import type { Link } from '../transport/link.js';
import type { Greeting } from '../wire/greeting.js';
import type { GuestToken } from '../wire/guest-token.js';

/** What makes a node a gate (guests.md). The network asks it, and knows no more of guests. */
export interface GuestGate {
  /** A guest has shown its credentials; it is answered once it is known who it is. */
  admit(peer: Greeting, token: GuestToken, from: Pick<Duplex, 'remoteAddress' | 'origin'>, answer: (verdict: 'admit' | Refusal) => void): void;
  /** The connection of a guest, as the node is to see it. */
  adopt(link: Link): Link;
  /** A node wants to be passed on; false: neither it nor the other one is a guest. */
  connect(from: string, target: unknown, request: Request): boolean;
  /** The page that a guest is in, if it is here. */
  originOf(guest: string): string | undefined;
  /** Ends one end of a connection with a guest of this gate; undefined: there is no such guest. */
  takeIn(guest: string): ((duplex: Duplex) => void) | undefined;
}
