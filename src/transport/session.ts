import { ProtocolError } from '../wire/errors.js';
import { kindOf } from '../wire/message.js';
import { resuming } from '../wire/resuming.js';
import { PIECE_COST } from './kept.js';

/** What a session tells the link that it belongs to. */
export interface SessionEvents {
  /** The other end has taken so many messages; throws {@link ProtocolError} for a number that can't be. */
  acknowledged(count: number): void;
}

/** The receiving half of a link that outlives its connections (V10): which message is the next one. */
export interface Session {
  /**
   * A message has arrived. False: it is nobody's, since it had arrived before, or is about the session itself. Throws
   * {@link ProtocolError} where messages are missing.
   */
  takes(port: unknown, message: readonly unknown[]): boolean;
  /** A chunk of so many octets was read: how many messages to acknowledge, if it is time for that. */
  read(octets: number): number | undefined;
  /** What is not acknowledged yet, if there is anything, is about to be. */
  acknowledge(): number | undefined;
  /** A new connection: it begins with the number of messages that came before. */
  again(): void;
  /** Messages that have arrived, each counted once. */
  readonly taken: number;
  /** The other end has said goodbye: what comes now is an end. */
  readonly isOver: boolean;
}

/** `window`: after so many octets, and some for each message, the other end wants to know what was taken (V11). */
export function createSession(window: number, events: SessionEvents): Session {
  let taken = 0;
  /** Number of the last message of this connection: after a break it may be behind `taken`. */
  let at = 0;
  let isBeginning = false;
  let isOver = false;
  let acknowledged = 0;
  /** Octets since the last acknowledgement. */
  let octets = 0;

  const begin = (port: unknown, message: readonly unknown[]): void => {
    const [tag, from] = message;
    if (port !== '' || tag !== resuming.FROM) throw new ProtocolError(`a link that goes on says from where first, got ${kindOf(tag)}`);
    if (!Number.isSafeInteger(from) || (from as number) < 0) throw new ProtocolError(`a link goes on from a number, got ${kindOf(from)}`);
    if ((from as number) > taken) throw new ProtocolError(`the other end goes on after message ${String(from)}, but only ${taken} have arrived`);
    at = from as number;
    isBeginning = false;
  };

  /** Whether a message to the node port is about the session. */
  const isOwn = ([tag, count]: readonly unknown[]): boolean => {
    if (tag === resuming.TAKEN) events.acknowledged(typeof count === 'number' ? count : NaN);
    else if (tag === resuming.GOODBYE) isOver = true;
    else return false;
    return true;
  };

  const acknowledge = (): number | undefined => {
    if (taken === acknowledged) return undefined;
    acknowledged = taken;
    octets = 0;
    return taken;
  };

  return {
    takes(port, message) {
      if (isBeginning) {
        begin(port, message);
        return false;
      }
      if (++at <= taken) return false;
      taken = at;
      return port !== '' || !isOwn(message);
    },
    read(count) {
      octets += count;
      return octets + PIECE_COST * (taken - acknowledged) >= window ? acknowledge() : undefined;
    },
    acknowledge,
    again() {
      isBeginning = true;
    },
    get taken() {
      return taken;
    },
    get isOver() {
      return isOver;
    },
  };
}
