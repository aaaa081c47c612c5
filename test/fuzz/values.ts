import type { Chance } from './chance.js';

/** A value of a message, of any kind that CBOR carries. */
export function anyValue(chance: Chance, words: readonly unknown[], depth = 2): unknown {
  const kind = chance.below(depth > 0 ? 8 : 6);
  if (kind < 3) return chance.pick(words);
  if (kind === 3) return chance.pick<unknown>([0, -1, 1, 1.5, 2 ** 53, -0, NaN, Infinity, 2n ** 64n, -(2n ** 200n), '', 'x'.repeat(300)]);
  if (kind === 4) return chance.pick<unknown>([null, true, false, undefined]);
  if (kind === 5) return chance.pick<unknown>([new Uint8Array([0xff, 0xfe]), new Uint8Array(0), 'é😀', '\u0000', '\ufeff', '\ud800', '__proto__', 'constructor']);
  if (kind === 6) return Array.from({ length: chance.below(4) }, () => anyValue(chance, words, depth - 1));
  const entries = Array.from({ length: chance.below(4) }, () => [String(chance.pick(words)), anyValue(chance, words, depth - 1)] as const);
  return Object.fromEntries(entries);
}

/** A message with a change: an element more, less, or another one in its place. */
export function mutatedMessage(message: readonly unknown[], chance: Chance, words: readonly unknown[]): readonly unknown[] {
  const made = [...message];
  const at = 1 + chance.below(made.length + 1);
  const kind = chance.below(4);
  if (kind === 0) made.splice(at, 1);
  else if (kind === 1) made.splice(at, 0, anyValue(chance, words));
  else if (kind === 2) made[Math.min(at, made.length - 1)] = anyValue(chance, words);
  else made.length = Math.min(made.length, at);
  return made;
}

/** For people: JSON where it can be, and what it can't carry as text. */
export function shownMessage(message: readonly unknown[]): string {
  return JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? `octets ${Buffer.from(value).toString('hex')}` : value;
  });
}
