import { hmac } from '@noble/hashes/hmac.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The two greeting lines of one end, without their delimiters. */
export type GreetingLines = readonly [greeting: string, nonce: string];

/**
 * What `hmac_sha3_512` sends to show that it knows the secret (wire.md §1.4): lowercase hex of the HMAC-SHA3-512, with
 * the secret as key, of the sender's two greeting lines and then the receiver's, each ended by LF.
 */
export function hmacProof(secret: string, sender: GreetingLines, receiver: GreetingLines): string {
  const text = [...sender, ...receiver].map((line) => `${line}\n`).join('');
  return bytesToHex(hmac(sha3_512, utf8ToBytes(secret), utf8ToBytes(text)));
}

/** What `cleartext` sends: lowercase hex of the secret itself. */
export function cleartextProof(secret: string): string {
  return bytesToHex(utf8ToBytes(secret));
}

/** Compares in a time that depends on the length of `expected` alone, so that guessing piece by piece gains nothing. */
export function verifyProof(expected: string, got: string): boolean {
  let difference = expected.length ^ got.length;
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ got.charCodeAt(i);
  return difference === 0;
}
