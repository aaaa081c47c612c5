import { isWellFormed } from '../../wire/well-formed.js';
import { BadValue } from '../../wire/errors.js';
import { plain } from '../../wire/plain.js';
import { isOctets } from '../../wire/octets.js';

/**
 * A value as the database keeps it: a copy that nobody can change, of what both JSON and CBOR carry (S30). What
 * `JSON.stringify` would make of it is what is kept: undefined is null, a port its id, a date its text.
 *
 * Throws {@link BadValue} for octets, BigInts, halves of surrogate pairs, and what nests deeper than `depth` levels.
 */
export function stored(value: unknown, depth: number): unknown {
  return copy(plain(value), depth);
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') throw new BadValue(`${value}n is no value for the database: expected a number or a text`);
  // no -0, which JSON has not
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'string') return checkText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isOctets(value)) {
    throw new BadValue('octets (Uint8Array) are no value for the database: JSON has none; expected a text, such as base64');
  }
  if (depth <= 0) throw new BadValue('a value for the database nests too deep: see limits.messageDepth');
  if (Array.isArray(value)) return Object.freeze(value.map((element: unknown) => copy(element, depth - 1)));
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [checkText(key), copy(inner, depth - 1)])));
}

function checkText(text: string): string {
  if (isWellFormed(text)) return text;
  throw new BadValue('a text with half of a surrogate pair is no value for the database: CBOR has none');
}
