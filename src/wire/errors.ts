/** What every error of rxmp has: a `code` to test for, and a message that names the wrong value and the right form. */
export abstract class RxmpError extends Error {
  abstract readonly code: string;
  /** The name of the class, written out in each: a minified bundle renames classes. */
  abstract override get name(): string;
}

/** An address that cannot be read, or whose scheme no transport serves. */
export class BadAddress extends RxmpError {
  readonly code = 'BAD_ADDRESS';
  override get name(): string { return 'BadAddress'; }
}

/** A node id that is empty or has a character that no node id may have. */
export class BadNodeId extends RxmpError {
  readonly code = 'BAD_NODE_ID';
  override get name(): string { return 'BadNodeId'; }
}

/** A family name of the database has to match `[A-Za-z][A-Za-z0-9_:]*` (S29). */
export class BadFamily extends RxmpError {
  readonly code = 'BAD_FAMILY';
  override get name(): string { return 'BadFamily'; }
}

/** A key of the database has to be a non-empty string (S29). */
export class BadKey extends RxmpError {
  readonly code = 'BAD_KEY';
  override get name(): string { return 'BadKey'; }
}

/** A value of the database that not every framing can carry, or that the schema of its family refuses (S30). */
export class BadValue extends RxmpError {
  readonly code = 'BAD_VALUE';
  override get name(): string { return 'BadValue'; }
}

/**
 * Why a connection was not made, as far as a program can tell: the secrets differ; the ends have no method in common to prove themselves
 * by, or no version of the protocol or framing; TLS failed, or only one end has it; the handshake took too long; the other end hung up in
 * the middle of it, or said that it refuses; another live node has this node's id; the two nodes are connected already; a suspended link
 * can't go on, since the other end does not have it any more; this node has reached itself; the function `credentials` of this node has
 * failed, so there was nothing to show.
 */
export type HandshakeFailure =
  | 'wrong_secret'
  | 'no_common_method'
  | 'version'
  | 'tls'
  | 'timeout'
  | 'ended'
  | 'refused'
  | 'duplicate'
  | 'connected'
  | 'forgotten'
  | 'self'
  | 'credentials';

/** A connection that was opened, but failed to authenticate. */
export class HandshakeFailed extends RxmpError {
  readonly code = 'HANDSHAKE_FAILED';
  override get name(): string { return 'HandshakeFailed'; }
  /** Why, for programs; undefined: there is no word for it. */
  readonly failure: HandshakeFailure | undefined;
  constructor(message: string, failure?: HandshakeFailure) {
    super(message);
    this.failure = failure;
  }
}

/** The other end said something that the protocol does not allow. */
export class ProtocolError extends RxmpError {
  readonly code = 'PROTOCOL_ERROR';
  override get name(): string { return 'ProtocolError'; }
}

/** One message, encoded, is longer than `limits.messageSize`. */
export class MessageTooLarge extends RxmpError {
  readonly code = 'MESSAGE_TOO_LARGE';
  override get name(): string { return 'MessageTooLarge'; }
}
