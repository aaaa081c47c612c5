import { ProtocolError } from '../../wire/errors.js';
import { SMALLEST_WINDOW } from './packet.js';

/** What the ends of a port say of themselves before there is a connection. */
export interface Hello {
  /** Random: a connection is between two sessions. */
  readonly session: string;
  /** Random: what both say is the secret of their handshake, which nobody else has heard. */
  readonly key: string;
  /** How much this end takes before it gives credit. */
  readonly window: number;
  /** This end uses the other one as a seed. */
  readonly seed: boolean;
  /** The secret of the network that the other end is to be a member of. */
  readonly secret?: string | undefined;
}

export interface MeetingContext {
  /** For a new session. */
  hello(): Hello;
  /** `to` is the session that is answered. */
  say(own: Hello, to: string | undefined): void;
  /** The two sessions are connected now. What they were connected with before is over. */
  met(own: Hello, other: Hello): void;
}

/**
 * How two ends of a port find each other, whichever listens first, and again when one begins anew: each says hello when it begins, and
 * answers the hello of a session that it does not know. A port keeps order, so the session that was heard last is the one that the other end
 * has now, and both end with the same two. Pure.
 */
export function createMeeting({ hello, say, met }: MeetingContext) {
  let own: Hello | undefined;
  let other: string | undefined;

  return {
    /** Offers a new connection. */
    begin(): void {
      own = hello();
      other = undefined;
      say(own, undefined);
    },
    /** `to`: the session that is answered. */
    heard(theirs: Hello, to: string | undefined): void {
      if (theirs.session === other) return;
      own ??= hello();
      other = theirs.session;
      // who answers this session knows it
      if (to !== own.session) say(own, other);
      met(own, theirs);
    },
  };
}

/** Reads a hello. Throws {@link ProtocolError} for what is none. */
export function helloOf(value: unknown, { nameSize }: { readonly nameSize: number }): Hello {
  const { session, key, window, seed, secret } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof Hello, unknown>>;
  const isName = (name: unknown): name is string => typeof name === 'string' && name !== '' && name.length <= nameSize;
  const isWindow = Number.isSafeInteger(window) && (window as number) >= SMALLEST_WINDOW;
  if (!isName(session) || !isName(key) || !isWindow || typeof seed !== 'boolean') throw new ProtocolError('a hello names its session, key and window');
  if (secret !== undefined && !isName(secret)) throw new ProtocolError('the secret of a hello is a short text');
  return { session, key, window: window as number, seed, secret };
}
