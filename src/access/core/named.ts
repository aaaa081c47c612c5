import { isOctets, textOf } from '../../wire/octets.js';

/** Octets that may arrive elsewhere as text (CBOR) are looked at as text; longer ones name nothing. */
const LONGEST = 8_192;

/** Calls `visit` for each text in a message, keys included, until one says true; the result is whether one has. */
export function someText(value: unknown, visit: (text: string) => boolean): boolean {
  if (typeof value === 'string') return visit(value);
  if (typeof value !== 'object' || value === null) return false;
  if (isOctets(value)) return value.length <= LONGEST && visit(textOf(value) ?? '');
  if (Array.isArray(value)) return value.some((element) => someText(element, visit));
  if (value instanceof Set) return [...(value as Set<unknown>)].some((element) => someText(element, visit));
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].some(([key, inner]) => someText(key, visit) || someText(inner, visit));
  return Object.entries(value).some(([key, inner]) => visit(key) || someText(inner, visit));
}
