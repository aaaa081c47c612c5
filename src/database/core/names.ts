import { isWellFormed } from '../../wire/well-formed.js';
import { BadFamily, BadKey } from '../../wire/errors.js';
import { kindOf } from '../../wire/message.js';
import type { NameLimits } from '../../wire/database.js';

/** Families of the network itself: global nodes, where nodes listen, and where they listen for nodes other than Perl's. */
export const GLOBALS = "'g";
export const LISTENERS = "'l";
export const WEB_LISTENERS = "'w";
/** Nodes through which a node that is not global can be reached, since they are connected with it and listen (V5). */
export const RELAYS = "'r";
/** Global nodes whose shards a global node has heard: so the last master of such a node can stop to speak for it (S28). */
export const HEARD = "'h";

const FAMILY = /^[A-Za-z][A-Za-z0-9_:]*$/;

/** The family, for writing to it (S29). Throws {@link BadFamily}. */
export function checkFamily(family: unknown, { familySize }: NameLimits): string {
  if (typeof family === 'string' && family.length <= familySize && FAMILY.test(family)) return family;
  if (family === GLOBALS || family === LISTENERS || family === WEB_LISTENERS || family === RELAYS || family === HEARD) {
    throw new BadFamily(`"${family}" is a family of the network itself: it can only be read`);
  }
  throw new BadFamily(`${shown(family)} is no family: expected [A-Za-z][A-Za-z0-9_:]*, at most ${familySize} characters`);
}

/** The family, for reading it: the network's own may be read too. */
export function checkReadable(family: unknown, limits: NameLimits): string {
  return typeof family === 'string' && family.startsWith("'") ? `'${checkFamily(family.slice(1), limits)}` : checkFamily(family, limits);
}

/** Throws {@link BadKey} (S29). */
export function checkKey(key: unknown, { keySize }: NameLimits): string {
  if (typeof key !== 'string' || key === '') throw new BadKey(`${shown(key)} is no key: expected a text that is not empty`);
  if (key.length > keySize) throw new BadKey(`a key of ${key.length} characters is too long: limits.keySize is ${keySize}`);
  // CBOR would make another key of it
  if (!isWellFormed(key)) throw new BadKey(`${shown(key)} is no key: it has half of a surrogate pair`);
  return key;
}

const SHOWN = 80;

function shown(value: unknown): string {
  if (typeof value !== 'string') return kindOf(value);
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}
