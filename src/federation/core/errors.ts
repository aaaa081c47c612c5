import { RxmpError } from '../../wire/errors.js';

/** What the other end of a link has done wrong, or why a link can't be. */
export type FederationErrorCode =
  /** A packet that is none. */
  | 'malformed'
  /** Another version of the protocol. */
  | 'version'
  /** The link would close a ring of scopes. */
  | 'cycle'
  /** The same pattern is subscribed to already, or the id is in use. */
  | 'duplicate'
  /** An id that is not, or no longer, in use. */
  | 'unknown'
  /** A filter of the link has thrown, or gives another number of captures. */
  | 'filter'
  /** More than a limit allows. */
  | 'limit'
  /** The other end has not answered in time. */
  | 'timeout'
  /** The other end says that this one has done something wrong. */
  | 'refused'
  /** The scope was closed. */
  | 'closed';

/** Ends one link, and nothing else. */
export class FederationError extends RxmpError {
  readonly code: FederationErrorCode;
  override get name(): string { return 'FederationError'; }
  constructor(code: FederationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
