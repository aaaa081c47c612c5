import { Tag } from 'cbor-x';
import { isOctets, textOf } from './octets.js';

/** What a decoder puts in place of octets that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Makes what cbor-x decoded into what an application gets. Arrays are changed in place. Calls `doubt` for each text that
 * may not have been UTF-8.
 */
export function fromCbor(value: unknown, doubt: () => void): unknown {
  switch (typeof value) {
    case 'string':
      if (value.includes(REPLACEMENT)) doubt();
      return value;
    case 'undefined':
      return null;
    case 'bigint':
      return BigInt.asIntN(54, value) === value ? Number(value) : value;
    case 'object':
      if (value === null) return null;
      if (isOctets(value)) return textOrOctets(value);
      if (Array.isArray(value)) return elements(value, doubt);
      if (value instanceof Map) return object(value, doubt);
      return value instanceof Tag ? fromCbor(value.value, doubt) : value;
    default:
      return value;
  }
}

function elements(array: unknown[], doubt: () => void): unknown[] {
  for (let i = 0; i < array.length; i++) array[i] = fromCbor(array[i], doubt);
  return array;
}

function object(map: ReadonlyMap<unknown, unknown>, doubt: () => void): object {
  const made: Record<string, unknown> = {};
  for (const [key, value] of map) {
    const name = keyOf(key, doubt);
    if (name !== '__proto__') made[name] = fromCbor(value, doubt);
    else Object.defineProperty(made, name, { value: fromCbor(value, doubt), enumerable: true, writable: true, configurable: true });
  }
  return made;
}

/** Octets that are no UTF-8 are what Perl has for Latin-1. */
function keyOf(key: unknown, doubt: () => void): string {
  if (!(isOctets(key))) return String(fromCbor(key, doubt));
  return textOf(key) ?? Array.from(key, (octet) => String.fromCharCode(octet)).join('');
}

function textOrOctets(octets: Uint8Array): string | Uint8Array {
  return shortAscii(octets) ?? textOf(octets) ?? new Uint8Array(octets); // copied: it is a part of a chunk
}

/** Names and tags are short ASCII nearly always, for which a call of the platform's decoder costs more than this. */
function shortAscii(octets: Uint8Array): string | undefined {
  if (octets.length > 16) return undefined;
  let text = '';
  for (const octet of octets) {
    if (octet > 0x7f) return undefined;
    text += String.fromCharCode(octet);
  }
  return text;
}
