import { wellFormedText } from './well-formed.js';
import { isOctets } from './octets.js';

// far more than any receiver takes, and few enough for the stack
const DEEPEST = 2_000;

/**
 * What `JSON.stringify` would make of a value, as data: `toJSON` applied, class instances as their own properties,
 * undefined, functions and symbols null in arrays and left out in objects. Octets and BigInts stay as they are.
 * What is plain already is given back, not copied. Throws TypeError for an object that contains itself.
 */
export function plain(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return null;
    case 'object':
      if (value === null || isOctets(value)) return value;
      if (depth > DEEPEST) {
        throw new TypeError(`a message nests deeper than ${DEEPEST} levels, or an object in it contains itself`);
      }
      if (hasToJSON(value)) return plain(value.toJSON(), depth + 1);
      if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
      return Array.isArray(value) ? plainArray(value, depth) : plainObject(value, depth);
    default:
      return value;
  }
}

function hasToJSON(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function plainArray(array: readonly unknown[], depth: number): readonly unknown[] {
  let copy = array.constructor === Array ? undefined : Array.from(array);
  for (let i = 0; i < array.length; i++) {
    const element = plain(array[i], depth + 1);
    if (Object.is(element, array[i])) continue;
    copy ??= array.slice();
    copy[i] = element;
  }
  return copy ?? array;
}

function plainObject(object: object, depth: number): object {
  const prototype: unknown = Object.getPrototypeOf(object);
  let same = prototype === Object.prototype || prototype === null;
  const entries = Object.entries(object);
  const kept: [string, unknown][] = [];
  for (const [key, value] of entries) {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
    const made = plain(value, depth + 1);
    same &&= Object.is(made, value);
    kept.push([key, made]);
  }
  // fromEntries defines, so that a key __proto__ is a key like any other
  return same && kept.length === entries.length ? object : Object.fromEntries(kept);
}

/** Plain data with U+FFFD for halves of surrogate pairs, as a copy. */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return wellFormedText(value);
  if (typeof value !== 'object' || value === null || isOctets(value)) return value;
  if (Array.isArray(value)) return value.map(wellFormed);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormedText(key), wellFormed(inner)]));
}
