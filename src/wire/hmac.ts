import { hmac } from '@noble/hashes/hmac.js';
import { sha3_512 } from '@noble/hashes/sha3.js';

/** A keyed hash: the octets of an HMAC-SHA3-512. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

/** In JavaScript, for platforms that have no SHA-3 that answers at once: browsers. */
export const portableHmac: Hmac = (key, data) => hmac(sha3_512, key, data);

const ALGORITHM = 'sha3-512';

/** That of Node.js, which is several times as fast; undefined: there is none. Not imported, so that browsers can load this. */
export function platformHmac(): Hmac | undefined {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const crypto = process?.getBuiltinModule?.('node:crypto');
  // not each build of OpenSSL has it
  if (crypto?.getHashes().includes(ALGORITHM) !== true) return undefined;
  // copied: where a test has a window, its Uint8Array is another than that of a Buffer, and the hashes refuse it
  return (key, data) => new Uint8Array(crypto.createHmac(ALGORITHM, key).update(data).digest());
}

let chosen: Hmac | undefined;

/** HMAC-SHA3-512 by the fastest way there is. */
export const hmacSha3: Hmac = (key, data) => (chosen ??= platformHmac() ?? portableHmac)(key, data);
