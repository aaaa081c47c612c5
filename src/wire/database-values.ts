import { ProtocolError } from './errors.js';
import { countItems } from './items.js';
import { wellFormedText } from './well-formed.js';
import { isOctets } from './octets.js';

export interface ValueLimits {
  readonly messageSize: number;
  readonly messageDepth: number;
  readonly messageItems: number;
}

/** Levels of a message around a value: message, shard, family. One more than that is to spare. */
const AROUND = 4;
/** What a message has besides a family, a key and its value, in octets. */
const OVERHEAD = 64;
/** How much longer than its UTF-16 units text may get when it is encoded: `\u0001`. */
const LONGEST_UNIT = 6;
/** The longest that a number, or a literal, may get, in octets. */
const LONGEST_OTHER = 25;

/** How deep a value of the database may nest, so that every message with it stays within the limits. */
export const valueDepth = ({ messageDepth }: ValueLimits): number => messageDepth - AROUND;

const utf8 = new TextEncoder();

/** Whether every message about one key can be sent, whatever its framing: JSON is the longer one. */
export function isSendable(family: string, key: string, value: unknown, { messageSize, messageItems }: ValueLimits): boolean {
  const room = messageSize - OVERHEAD - family.length;
  const octets = longest(key) + longest(value);
  // measured only if need be: that is as dear as sending it; an item is an octet at least
  if (octets > messageItems && countItems(value) + OVERHEAD > messageItems) return false;
  return octets <= room || utf8.encode(JSON.stringify([key, value])).length <= room;
}

/** No encoding of the value is longer, in octets. */
function longest(value: unknown): number {
  if (typeof value === 'string') return value.length * LONGEST_UNIT + 2;
  if (typeof value !== 'object' || value === null) return LONGEST_OTHER;
  let octets = 2;
  if (Array.isArray(value)) for (const element of value as readonly unknown[]) octets += longest(element) + 1;
  else for (const [key, inner] of Object.entries(value)) octets += longest(key) + longest(inner) + 2;
  return octets;
}

/**
 * A value from another node, as every node can be told it (S30): octets become the text that Perl means by them, large
 * integers, -0 and what is no number are what JSON makes of them, halves of surrogate pairs what CBOR makes of them. Throws {@link ProtocolError} for what nests too deep or is
 * too long (D9).
 */
export function receivedValue(family: string, key: string, value: unknown, limits: ValueLimits): unknown {
  const made = common(value, valueDepth(limits));
  if (isSendable(family, key, made, limits)) return made;
  throw new ProtocolError(`the value of a key of ${family} is too large for a message (limits.messageSize is ${limits.messageSize}, limits.messageItems ${limits.messageItems})`);
}

function common(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return wellFormedText(value);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null) return value;
  if (isOctets(value)) return Array.from(value, (octet) => String.fromCharCode(octet)).join('');
  if (depth <= 0) throw new ProtocolError('a value of the database nests too deep (limits.messageDepth)');
  if (Array.isArray(value)) return value.map((element: unknown) => common(element, depth - 1));
  // fromEntries defines, so that a key __proto__ is a key like any other
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormedText(key), common(inner, depth - 1)]));
}
