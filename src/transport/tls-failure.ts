import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** What OpenSSL says of a chain that does not end at one of our CAs. */
const UNKNOWN_CA: readonly string[] = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
];

/** What is wrong with the other end's certificate, to be read after "the other end's certificate"; undefined: nothing. */
export function certificateFault(socket: TLSSocket, certificate: X509Certificate): string | undefined {
  if (socket.authorized) return undefined;
  // the types say Error, but it is the code
  const code = String(socket.authorizationError);
  if (UNKNOWN_CA.includes(code)) return `is signed by an unknown CA (${code})`;
  const chain = chainOf(certificate);
  if (code === 'CERT_HAS_EXPIRED') return `has expired: it was valid until ${earliest(chain.map((one) => one.validTo))}`;
  if (code === 'CERT_NOT_YET_VALID') return `is not yet valid: it will be from ${latest(chain.map((one) => one.validFrom))}`;
  if (code === 'INVALID_PURPOSE') return 'is not made for its role: nodes need one for both server and client authentication';
  return `can't be verified (${code})`;
}

/** A certificate and those that were found to have signed it. */
function chainOf(leaf: X509Certificate | undefined): X509Certificate[] {
  return leaf === undefined ? [] : [leaf, ...chainOf(leaf.issuerCertificate)];
}

const sorted = (dates: readonly string[]): string[] => dates.map((date) => new Date(date).toISOString()).sort();
const earliest = (dates: readonly string[]): string => sorted(dates)[0] ?? 'an unknown time';
const latest = (dates: readonly string[]): string => sorted(dates).at(-1) ?? 'an unknown time';

/** Alerts of the other end by which it refuses our certificate. */
const REFUSALS: Readonly<Record<string, string>> = {
  UNKNOWN_CA: 'it knows no CA that has signed it',
  CERTIFICATE_EXPIRED: 'it has expired, or is not yet valid',
  CERTIFICATE_REVOKED: 'it was revoked',
  CERTIFICATE_REQUIRED: 'it got none',
  CERTIFICATE_UNKNOWN: 'it does not say why',
  BAD_CERTIFICATE: 'it finds it wrong',
  UNSUPPORTED_CERTIFICATE: 'it is not made for our role',
  ACCESS_DENIED: 'it lets others in only',
};

/** Other ends of a TLS session. */
const WORDS: Readonly<Record<string, string>> = {
  WRONG_VERSION_NUMBER: 'what the other end sends is not TLS',
  UNSUPPORTED_PROTOCOL: 'no common version of TLS: ours are 1.2 and 1.3',
  PROTOCOL_VERSION: 'no common version of TLS: ours are 1.2 and 1.3',
  NO_SHARED_CIPHER: 'no common cipher',
  HANDSHAKE_FAILURE: 'the other end finds no common cipher, or wants a certificate of another kind',
  ECONNRESET: 'the other end has closed the connection during the TLS handshake',
};

/** Why TLS has failed, for people; undefined: it was not TLS that failed. */
export function tlsFault(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [, alert, local] = /^ERR_SSL_(?:.*_ALERT_(\w+)|(\w+))$/.exec(code) ?? [];
  const name = alert ?? local ?? code;
  if (alert !== undefined && Object.hasOwn(REFUSALS, alert)) {
    return `the other end refuses our certificate: ${REFUSALS[alert]} (alert ${alert})`;
  }
  if (Object.hasOwn(WORDS, name)) return `${WORDS[name]} (${name})`;
  if (alert !== undefined) return `the other end has ended TLS with the alert ${alert}`;
  return local === undefined ? undefined : `TLS failed: ${local}`;
}
