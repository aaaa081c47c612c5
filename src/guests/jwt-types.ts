import type { Admission, GuestVisit } from '../access/gate/types.js';

/** A `CryptoKey` of WebCrypto. */
export interface JwtCryptoKey {
  readonly type: string;
  readonly algorithm: { readonly name: string };
}

/** A JSON Web Key. */
export interface JwtJsonKey {
  readonly kty?: string | undefined;
  readonly crv?: string | undefined;
  readonly alg?: string | undefined;
  readonly k?: string | undefined;
  readonly d?: string | undefined;
}

/** What checks signatures: a secret, as a text or octets; or a public key, as a PEM text, a JSON Web Key or a `CryptoKey`. */
export type JwtKey = string | Uint8Array | JwtCryptoKey | JwtJsonKey;

/** What a token says, once its signature and times are checked. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | string[];
  /** When it ends, seconds since 1970. */
  readonly exp?: number;
  readonly [claim: string]: unknown;
}

/** An {@link Admission} whose user and end are those of the token where they are left out. */
export type JwtAdmission = Omit<Admission, 'user' | 'expires'> & Partial<Pick<Admission, 'user' | 'expires'>>;

/** Options of `jwtGuests`: `claims`, and one of `jwks` and `key`. */
export interface JwtGuestsOptions {
  /** Where the issuer publishes its keys: `https://login.example/.well-known/jwks.json`. They are fetched when needed, and kept for a while. */
  readonly jwks?: string | URL;
  /** The key, where there is one: a secret of 32 octets at least, or a public key. */
  readonly key?: JwtKey;
  /** Who may have made the token (`iss`). Left out: it is not looked at. */
  readonly issuer?: string | readonly string[];
  /** For whom it has to be (`aud`): a token for another service is none for this one. Left out: it is not looked at. */
  readonly audience?: string | readonly string[];
  /** The algorithms to accept. Default: those that the key is for; of `jwks` all of public keys. */
  readonly algorithms?: readonly string[];
  /** How far clocks may differ, ms. Default: 0. */
  readonly clockTolerance?: number;
  /**
   * What the guest may do, by what its token says. The user is `sub` and the end `exp` where it names no others; undefined, or what it
   * throws, refuses the guest.
   */
  claims(payload: JwtClaims, visit: GuestVisit): JwtAdmission | undefined | Promise<JwtAdmission | undefined>;
}
