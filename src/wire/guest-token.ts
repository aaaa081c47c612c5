import { sha3_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** What a guest shows to a gate in place of a secret. */
export interface GuestToken {
  /** Random, and never shown to anybody but gates: who has it is this guest. */
  readonly key: string;
  /** Whatever the gate's option `guests` understands: a JWT, say. */
  readonly credentials: string;
}

const PREFIX = 'guest:';
/** 144 bits, as 24 letters. */
const ID_OCTETS = 18;
const ID = /^guest:[A-Za-z0-9_-]{24}$/;
const KEY = /^[A-Za-z0-9]{43}$/;

/** Letters of a key: 253 bits. */
export const GUEST_KEY_LENGTH = 43;

/** Whether this is the node id of a guest (G4). */
export const isGuestId = (node: string): boolean => ID.test(node);

/** Whether a node id belongs to guests, whatever follows: no other node may have it. */
export const isGuestLike = (node: string): boolean => node.toLowerCase().startsWith(PREFIX);

/**
 * The node id of the guest with this key (G4). It is made of the key, so that nobody can take it who does not have that: not while the
 * guest is away, and at no other gate either.
 */
export function guestIdOf(key: string): string {
  const octets = sha3_256(utf8ToBytes(`rxmp_guest ${key}`)).subarray(0, ID_OCTETS);
  return PREFIX + btoa(String.fromCharCode(...octets)).replaceAll('+', '-').replaceAll('/', '_');
}

/** How names begin of ports that a guest spawns: no port of anybody else has such a name. */
export const spawnedPrefix = (guest: string): string => `s${guest.slice(PREFIX.length)}`;

/** A token as the data of an authentication line. */
export const formatGuestToken = ({ key, credentials }: GuestToken): string => `${key}:${encodeURIComponent(credentials)}`;

/** Reads what {@link formatGuestToken} has written; undefined: it is something else. */
export function parseGuestToken(data: string): GuestToken | undefined {
  const key = data.slice(0, GUEST_KEY_LENGTH);
  if (!KEY.test(key) || data.charAt(GUEST_KEY_LENGTH) !== ':') return undefined;
  try {
    return { key, credentials: decodeURIComponent(data.slice(GUEST_KEY_LENGTH + 1)) };
  } catch {
    return undefined;
  }
}
