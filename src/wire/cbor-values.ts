import { Tag } from 'cbor-x';
import { isOctets, textOf } from './octets.js';

/** What a decoder puts in place of octets that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Makes what cbor-x decoded into what an application gets. Arrays are changed in place. Calls `doubt` for each text that
 * may not have been UTF-8; `octetsOf` says what octets are.
 */
export function fromCbor(value: unknown, doubt: () => void, octetsOf: OctetsOf = textOrOctets): unknown {
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
      if (isOctets(value)) return octetsOf(value);
      if (Array.isArray(value)) return elements(value, doubt, octetsOf);
      if (value instanceof Map) return object(value, doubt, octetsOf);
      return value instanceof Tag ? fromCbor(value.value, doubt, octetsOf) : value;
    default:
      return value;
  }
}

function elements(array: unknown[], doubt: () => void, octetsOf: OctetsOf): unknown[] {
  for (let i = 0; i < array.length; i++) array[i] = fromCbor(array[i], doubt, octetsOf);
  return array;
}

function object(map: ReadonlyMap<unknown, unknown>, doubt: () => void, octetsOf: OctetsOf): object {
  const made: Record<string, unknown> = {};
  for (const [key, value] of map) {
    const name = keyOf(key, doubt);
    if (name !== '__proto__') made[name] = fromCbor(value, doubt, octetsOf);
    else Object.defineProperty(made, name, { value: fromCbor(value, doubt, octetsOf), enumerable: true, writable: true, configurable: true });
  }
  return made;
}

/** Octets that are no UTF-8 are what Perl has for Latin-1. */
function keyOf(key: unknown, doubt: () => void): string {
  if (!(isOctets(key))) return String(fromCbor(key, doubt));
  return textOf(key) ?? Array.from(key, (octet) => String.fromCharCode(octet)).join('');
}

type OctetsOf = (octets: Uint8Array) => unknown;

/** As AnyEvent::MP means them. */
function textOrOctets(octets: Uint8Array): string | Uint8Array {
  return shortAscii(octets) ?? textOf(octets) ?? copyOf(octets);
}

/** It is a part of a chunk. */
export const copyOf = (octets: Uint8Array): Uint8Array => new Uint8Array(octets);

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
