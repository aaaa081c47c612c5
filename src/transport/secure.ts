import type { Observable } from 'rxjs';
import type { Duplex } from './duplex.js';

/** A duplex inside TLS. */
export interface SecureDuplex extends Duplex {
  /**
   * 32 octets of keying material exported from the TLS session (RFC 5705, RFC 9266): equal at both ends of one session, and
   * different in any other. A proof that covers them can't be carried over from one session to another.
   */
  readonly binding: Uint8Array;
}

/** Who says the first word of TLS: decided by the nonces, not by who opened the connection (wire.md §1.3). */
export type TlsRole = 'client' | 'server';

/**
 * Puts TLS onto a connection after both greeting lines. Emits the secure duplex once the other end has shown a certificate of
 * one of our CAs, and completes; or errors with a reason for people: which certificate was refused, by whom and why.
 * Unsubscribing gives the attempt up and closes the connection.
 *
 * @param early what was read of the TLS session along with the other end's first line.
 */
export type Upgrade = (duplex: Duplex, early: Uint8Array, role: TlsRole) => Observable<SecureDuplex>;
