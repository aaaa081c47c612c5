import { isOctets } from '../../wire/octets.js';
/** Structural equality of what messages carry (S30). The order of an object's keys means nothing. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isOctets(a) || isOctets(b)) return sameOctets(a, b);
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((element, i) => equal(element, b[i]));
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  // what a schema has made of a value may be anything
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal((a as Fields)[key], (b as Fields)[key]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

type Fields = Readonly<Record<string, unknown>>;

function sameOctets(a: object, b: object): boolean {
  if (!(isOctets(a) && isOctets(b)) || a.length !== b.length) return false;
  return a.every((octet, i) => octet === b[i]);
}

/** What everything but text takes: about as much as its encoded form. */
const OTHER = 8;

/** About how many octets a value takes, in memory and encoded; text counts by its UTF-16 units. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return OTHER;
  if (isOctets(value)) return value.length;
  let size = OTHER;
  if (Array.isArray(value)) for (const element of value as readonly unknown[]) size += sizeOf(element) + 1;
  else for (const [key, inner] of Object.entries(value)) size += key.length + sizeOf(inner) + 1;
  return size;
}
