import { hkdf } from '@noble/hashes/hkdf.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { hmacSha3 } from './hmac.js';
import { withLengths, type GreetingLines } from './proof.js';

const CONTEXT = 'rxmp_resume';
const ID_OCTETS = 16;
const KEY_OCTETS = 64;

/**
 * The name and the key of a link (V10), the same at both ends. They come from what only the two ends know: what was exported from TLS, or
 * the secret of the network; and from both greetings, so that no two links have the same.
 */
export function linkKeys(secret: string | Uint8Array, initiator: GreetingLines, acceptor: GreetingLines): { readonly id: string; readonly key: Uint8Array } {
  const known = typeof secret === 'string' ? utf8ToBytes(secret) : secret;
  const lines = withLengths([...initiator, ...acceptor].map((line) => utf8ToBytes(line)));
  const octets = hkdf(sha3_512, known, utf8ToBytes(CONTEXT), lines, ID_OCTETS + KEY_OCTETS);
  return { id: bytesToHex(octets.subarray(0, ID_OCTETS)), key: octets.subarray(ID_OCTETS) };
}

/** Shows that the sender has the key of a link, in this handshake, and that it has taken so many messages: lowercase hex of an HMAC-SHA3-512. */
export function resumedProof(
  key: Uint8Array,
  { role, sender, receiver }: { readonly role: string; readonly sender: GreetingLines; readonly receiver: GreetingLines },
  taken: number,
): string {
  return bytesToHex(hmacSha3(key, withLengths([role, ...sender, ...receiver, String(taken)].map((text) => utf8ToBytes(text)))));
}
