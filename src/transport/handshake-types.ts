import type { HandshakeFailure } from '../wire/errors.js';
import type { Greeting } from '../wire/greeting.js';
import type { GuestToken } from '../wire/guest-token.js';
import type { GreetingLines } from '../wire/proof.js';
import type { Credentials, Method } from './methods.js';
import type { Resumable, Resumption, ResumeOffer } from './resumption.js';
import type { TlsRole } from './secure.js';

/** What this end says of itself in a handshake. */
export interface HandshakeConfig extends Credentials {
  readonly node: string;
  /** What the connection is for, as this end has opened it: `aemp` where nothing else is said. */
  readonly protocol?: string;
  /** This end has opened the connection. */
  readonly initiator: boolean;
  /** Framings that this end can send and receive, the preferred one first. */
  readonly framings: readonly string[];
  /** Unpredictable, new for each connection. */
  readonly nonce: string;
  /** `key=value` parts of the first line. */
  readonly keys: ReadonlyMap<string, string>;
  /** False: whatever the other end proves, it is not trusted. */
  readonly trusted?: boolean | undefined;
  /** Whether this node has sent that nonce in another handshake: then it has reached itself. */
  issued(nonce: string): boolean;
  /** A link of this end is to outlive its connections, if the other end wants that too (V9). */
  readonly resume?: ResumeOffer | undefined;
  /** This end goes on with a link. */
  readonly resumes?: Resumable | undefined;
  /** A link that the other end may go on with. */
  resumable?(id: string): Resumable | undefined;
}

/** What a finished handshake has agreed on. */
export interface Agreement {
  readonly peer: Greeting;
  /** How the other end has proved itself. */
  readonly method: Method;
  /** It has proved that it may be here; false for who came in anonymously, or was attached as not trusted. */
  readonly trusted: boolean;
  /** Nobody on the way can read or change what follows: the connection is inside TLS. */
  readonly secure: boolean;
  /** The framing of what this end sends, and of what it receives. */
  readonly sendFraming: string;
  readonly receiveFraming: string;
  /** How the link goes on when its connection breaks; undefined: it does not. */
  readonly resumption: Resumption | undefined;
  /** No new link: one that goes on; the other end has taken so many messages of it. */
  readonly resumed: { readonly id: string; readonly taken: number } | undefined;
}

/**
 * Why a connection is refused although nothing is wrong with its handshake; rxmp peers are told. `forgotten`: the link to go on
 * with is gone. `guest`: the gate does not want this guest; the text is told to it.
 */
export type RefusalCode = 'duplicate' | 'connected' | 'forgotten' | 'guest';

/** Where a handshake stands. The other end has been heard up to this phase. */
export type HandshakeState =
  | { readonly phase: 'greeting' }
  | { readonly phase: 'nonce'; readonly peer: Greeting; readonly line: string }
  | {
      /** TLS has to begin. */
      readonly phase: 'securing';
      readonly peer: Greeting;
      readonly lines: GreetingLines;
    }
  | {
      readonly phase: 'auth';
      readonly peer: Greeting;
      readonly lines: GreetingLines;
      /** What was exported from TLS, where there is TLS. */
      readonly binding: Uint8Array | undefined;
      /** Our proof has left. */
      readonly admitted: boolean;
      /** The other end's proof was right. */
      readonly proof: { readonly method: Method; readonly framing: string; readonly token: GuestToken | undefined; readonly resumed: Agreement['resumed'] } | undefined;
    }
  | { readonly phase: 'over' };

export type HandshakeEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** The connection is inside TLS now. */
  | { readonly kind: 'secured'; readonly binding: Uint8Array }
  /** The gate lets the peer in: send our proof. */
  | { readonly kind: 'admit' }
  | { readonly kind: 'refuse'; readonly code: RefusalCode; readonly text: string };

export type HandshakeEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** Put TLS onto the connection, then go on with `secured`. */
  | { readonly kind: 'secure'; readonly role: TlsRole; readonly peer: Greeting }
  /** The peer has introduced itself; the gate is to decide. */
  | { readonly kind: 'greeted'; readonly peer: Greeting }
  /** The peer has proved itself, or has shown its token, but the gate has not admitted it yet. */
  | { readonly kind: 'verified'; readonly peer: Greeting; readonly token: GuestToken | undefined }
  | { readonly kind: 'done'; readonly agreement: Agreement }
  | { readonly kind: 'failed'; readonly reason: string; readonly code?: HandshakeFailure };

export interface HandshakeStep {
  readonly state: HandshakeState;
  readonly effects: readonly HandshakeEffect[];
}
