/** What every error of rxmp has: a `code` to test for, and a message that names the wrong value and the right form. */
export abstract class RxmpError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** An address that cannot be read, or whose scheme no transport serves. */
export class BadAddress extends RxmpError {
  readonly code = 'BAD_ADDRESS';
}

/** A node id that is empty or has a character that no node id may have. */
export class BadNodeId extends RxmpError {
  readonly code = 'BAD_NODE_ID';
}

/** A family name of the database has to match `[A-Za-z][A-Za-z0-9_:]*` (S29). */
export class BadFamily extends RxmpError {
  readonly code = 'BAD_FAMILY';
}

/** A key of the database has to be a non-empty string (S29). */
export class BadKey extends RxmpError {
  readonly code = 'BAD_KEY';
}

/** A value of the database that not every framing can carry, or that the schema of its family refuses (S30). */
export class BadValue extends RxmpError {
  readonly code = 'BAD_VALUE';
}

/** A connection that was opened, but failed to authenticate. */
export class HandshakeFailed extends RxmpError {
  readonly code = 'HANDSHAKE_FAILED';
}

/** The other end said something that the protocol does not allow. */
export class ProtocolError extends RxmpError {
  readonly code = 'PROTOCOL_ERROR';
}

/** One message, encoded, is longer than `limits.messageSize`. */
export class MessageTooLarge extends RxmpError {
  readonly code = 'MESSAGE_TOO_LARGE';
}
