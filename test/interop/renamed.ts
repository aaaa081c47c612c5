import type { Message } from './recorded.js';

/** A message with texts replaced wherever they stand in it, also as keys: by what stands for them in a recording. */
export function renamed(message: Message, names: ReadonlyMap<string, string>): Message {
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value;
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map(inside);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names.get(key) ?? key, inside(inner)]));
  };
  return message.map(inside);
}
