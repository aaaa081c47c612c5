import { MessageTooLarge, ProtocolError } from './errors.js';

/**
 * How many items a message has, for `limits.messageItems`: each element of an array, each key and each value of an object
 * counts one, and an empty array or object one more, which it costs. JSON shows it: its commas, colons and opening
 * brackets, those in texts left out. Throws {@link ProtocolError} for more levels than
 * `messageDepth`.
 */
export function countItems(value: unknown, messageDepth = Infinity, levels = messageDepth): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 0;
  if (levels === 0) throw new ProtocolError(`a message nests deeper than ${messageDepth} levels`);
  let items = 0;
  if (Array.isArray(value)) for (const element of value as readonly unknown[]) items += 1 + countItems(element, messageDepth, levels - 1);
  else for (const inner of Object.values(value)) items += 2 + countItems(inner, messageDepth, levels - 1);
  return Math.max(items, 1);
}

/**
 * In JSON so many escapes in texts count as one item: `JSON.parse` takes ten times as long for them as for other characters, a third of a
 * second for 30 million.
 */
export const ESCAPES = 48;

/** The escapes of a JSON text: each is a backslash, and what comes after it. */
export function countEscapes(json: string): number {
  let escapes = 0;
  for (let at = json.indexOf('\\'); at >= 0; at = json.indexOf('\\', at + 2)) escapes++;
  return escapes;
}

/** The error for a message that has, or would have, more than `messageItems` items. */
export function tooManyItems(messageItems: number): MessageTooLarge {
  return new MessageTooLarge(`a message has more than limits.messageItems, ${messageItems}`);
}
