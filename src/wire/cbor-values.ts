import { Tag } from 'cbor-x';
import { textOf } from './octets.js';

/** Makes what cbor-x decoded into what an application gets. Arrays are changed in place. */
export function fromCbor(value: unknown): unknown {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'bigint':
      return BigInt.asIntN(54, value) === value ? Number(value) : value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return textOrOctets(value);
      if (Array.isArray(value)) return elements(value);
      if (value instanceof Map) return object(value);
      return value instanceof Tag ? fromCbor(value.value) : value;
    default:
      return value;
  }
}

function elements(array: unknown[]): unknown[] {
  for (let i = 0; i < array.length; i++) array[i] = fromCbor(array[i]);
  return array;
}

function object(map: ReadonlyMap<unknown, unknown>): object {
  const made: Record<string, unknown> = {};
  for (const [key, value] of map) {
    const name = keyOf(key);
    if (name !== '__proto__') made[name] = fromCbor(value);
    else Object.defineProperty(made, name, { value: fromCbor(value), enumerable: true, writable: true, configurable: true });
  }
  return made;
}

/** Octets that are no UTF-8 are what Perl has for Latin-1. */
function keyOf(key: unknown): string {
  if (!(key instanceof Uint8Array)) return String(key);
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
