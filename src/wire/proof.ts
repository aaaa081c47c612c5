import { hkdf } from '@noble/hashes/hkdf.js';
import { sha3_512 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { hmacSha3 } from './hmac.js';

/** The two greeting lines of one end, without their delimiters. */
export type GreetingLines = readonly [greeting: string, nonce: string];

/** What an `rxmp_sha3_512` proof covers: all that the two ends have to agree on. */
export interface Transcript {
  /** Whether the sender of the proof has opened the connection. */
  readonly role: 'initiator' | 'acceptor';
  readonly sender: GreetingLines;
  readonly receiver: GreetingLines;
  /** The framing that the sender announces beside its proof, and the keys there. */
  readonly framing: string;
  readonly keys: ReadonlyMap<string, string>;
  /** The keying material exported from TLS, when the connection is inside TLS: the same at both ends, and nowhere else. */
  readonly binding: Uint8Array | undefined;
}

const CONTEXT = 'rxmp_sha3_512';
const KEY_OCTETS = 64;

/**
 * What `rxmp_sha3_512` sends to show that it knows the secret: lowercase hex of an HMAC-SHA3-512 over the transcript, each
 * part of it preceded by its length in four octets, so that no two transcripts are the same octets. The key is derived from the
 * secret (HKDF) and used for nothing else, so that no other proof can stand for this one.
 */
export function rxmpProof(secret: string, transcript: Transcript): string {
  const { role, sender, receiver, framing, keys, binding } = transcript;
  const texts = [CONTEXT, role, ...sender, ...receiver, framing].map((text) => utf8ToBytes(text));
  const pairs = [...keys].flat().map((text) => utf8ToBytes(text));
  const parts = [...texts, binding ?? new Uint8Array(0), ...pairs];
  return bytesToHex(hmacSha3(keyOf(secret), withLengths(parts)));
}

/** Puts parts together, each after its length in four octets, so that no other parts give the same. */
export function withLengths(parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts.flatMap((part) => [lengthOf(part), part]));
}

/** The key of the last secret: a node has one, and deriving it costs as much as the proof. */
let derived: { readonly secret: string; readonly key: Uint8Array } | undefined;

function keyOf(secret: string): Uint8Array {
  if (derived?.secret !== secret) {
    derived = { secret, key: hkdf(sha3_512, utf8ToBytes(secret), utf8ToBytes(CONTEXT), utf8ToBytes('proof'), KEY_OCTETS) };
  }
  return derived.key;
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, length);
  return octets;
}

/**
 * What `hmac_sha3_512` sends to show that it knows the secret (wire.md §1.4): lowercase hex of the HMAC-SHA3-512, with
 * the secret as key, of the sender's two greeting lines and then the receiver's, each ended by LF.
 */
export function hmacProof(secret: string, sender: GreetingLines, receiver: GreetingLines): string {
  return bytesToHex(hmacSha3(utf8ToBytes(secret), joined(sender, receiver)));
}

/**
 * What `tls_sha3_512` sends inside TLS (wire.md §1.4): lowercase hex of the SHA3-512 of the same text. There is no secret in
 * it: the certificates say who the ends are, and this says that both have seen the same greetings, which came before TLS.
 */
export function tlsProof(sender: GreetingLines, receiver: GreetingLines): string {
  return bytesToHex(sha3_512(joined(sender, receiver)));
}

function joined(sender: GreetingLines, receiver: GreetingLines): Uint8Array {
  return utf8ToBytes([...sender, ...receiver].map((line) => `${line}\n`).join(''));
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
