import { describe, expect, it } from 'vitest';
import { MessageTooLarge, ProtocolError } from '../../../src/wire/errors.js';
import { countItems } from '../../../src/wire/items.js';
import type { FramingLimits } from '../../../src/wire/message.js';
import { cut, joined, seeded } from '../../fixtures/chunking.js';
import { decodeAll } from '../../fixtures/decode.js';

type Chance = () => number;
const oneOf = <T>(chance: Chance, values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T;
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

const TEXTS = ['', 'a', 'é', '€uro', '😀', '\\"', '],[', '{"a":[,]}', '\n\u0001', 'x'.repeat(23), 'x'.repeat(24), 'y'.repeat(256)];
const NUMBERS = [0, 1, -1, 23, 24, 255, 256, -24, -25, 65_535, 65_536, -65_537, 2 ** 32 - 1, 2 ** 32, 1.5, -0.25, 1e100, 2 ** 53 - 1, -(2 ** 53) + 1];

/** Any value of JSON of so many levels at most, the empty ones included. */
function anyValue(chance: Chance, levels: number): unknown {
  const kind = chance();
  if (levels === 0 || kind < 0.4) return oneOf(chance, [null, true, false, ...TEXTS, ...NUMBERS]);
  const some = Array.from({ length: Math.floor(chance() * 4) }, () => anyValue(chance, levels - 1));
  return kind < 0.7 ? some : Object.fromEntries(some.map((value, i) => [`${oneOf(chance, TEXTS)}${i}`, value]));
}

/** Levels and items as docs/limits.md counts them. */
const levelsOf = (value: unknown): number => (typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(levelsOf)) : 0);
function itemsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  return Math.max(1, inner.reduce<number>((sum, each) => sum + itemsOf(each), inner.length * (Array.isArray(value) ? 1 : 2)));
}

/** A message as octets, and the limits that it just keeps. */
interface Sample {
  readonly octets: Uint8Array;
  readonly end?: Uint8Array;
  readonly exact: FramingLimits;
}

function headOf(chance: Chance, major: number, argument: number): number[] {
  const shortest = argument < 24 ? 0 : argument < 256 ? 1 : argument < 65_536 ? 2 : argument < 2 ** 32 ? 4 : 8;
  const length = oneOf(chance, [0, 1, 2, 4, 8].filter((size) => size >= shortest));
  if (length === 0) return [(major << 5) | argument];
  const hex = argument.toString(16).padStart(2 * length, '0');
  return [(major << 5) | (24 + Math.log2(length)), ...Buffer.from(hex, 'hex')];
}

/** CBOR as others may write it: any length of a header, strings as octets and in pieces, without lengths, Perl's references. */
function cborOf(chance: Chance, whole: unknown): Sample {
  let items = 0;
  let deepest = 0;
  const out: number[] = [];
  const write = (value: unknown, level: number, isKey: boolean): void => {
    items++;
    if (value === null) out.push(oneOf(chance, [0xf6, 0xf7]));
    else if (typeof value === 'boolean') out.push(value ? 0xf5 : 0xf4);
    else if (typeof value === 'string') text(value, level);
    else if (typeof value === 'number') number(value, level, isKey);
    else composite(value as object, level);
  };
  const text = (value: string, level: number): void => {
    const major = oneOf(chance, [2, 3]);
    if (chance() < 0.7) {
      const all = octets(value);
      out.push(...headOf(chance, major, all.length), ...all);
      return;
    }
    items += 8;
    deepest = Math.max(deepest, level + 1);
    out.push((major << 5) | 31);
    const pieces = Array.from(value);
    for (const piece of pieces) out.push(...headOf(chance, major, octets(piece).length), ...octets(piece));
    items += pieces.length;
    // an empty one costs as any other that is empty
    if (pieces.length === 0) items++;
    out.push(0xff);
  };
  const number = (value: number, level: number, isKey: boolean): void => {
    if (!Number.isInteger(value) || Math.abs(value) > 2 ** 53) {
      const octets = new Uint8Array(8);
      new DataView(octets.buffer).setFloat64(0, value);
      out.push(0xfb, ...octets);
    } else if (!isKey && value >= 0 && chance() < 0.3) {
      const hex = value.toString(16).padStart(14, '0');
      // a bignum: tag and octets, every two of which cost one more
      items += 1 + 3;
      deepest = Math.max(deepest, level + 1);
      out.push(...headOf(chance, 6, 2), ...headOf(chance, 2, 7), ...Buffer.from(hex, 'hex'));
    } else out.push(...(value < 0 ? headOf(chance, 1, -1 - value) : headOf(chance, 0, value)));
  };
  const composite = (value: object, level: number): void => {
    if (level > 0 && chance() < 0.2) {
      items++;
      deepest = Math.max(deepest, ++level);
      out.push(...headOf(chance, 6, oneOf(chance, [22_098, 55_799])));
    }
    deepest = Math.max(deepest, level + 1);
    const entries = Object.entries(value);
    const [major, isList] = [Array.isArray(value) ? 4 : 5, Array.isArray(value)];
    const endless = chance() < 0.3;
    out.push(...(endless ? [(major << 5) | 31] : headOf(chance, major, entries.length)));
    if (entries.length === 0) items++;
    for (const [key, inner] of entries) {
      if (!isList) write(key, level + 1, true);
      write(inner, level + 1, false);
    }
    if (endless) out.push(0xff);
  };
  write(whole, 0, false);
  // the message itself is no item
  return { octets: Uint8Array.from(out), exact: { messageSize: out.length, messageDepth: deepest, messageItems: items - 1 } };
}

function jsonOf(whole: unknown, end: string, text = JSON.stringify(whole)): Sample {
  const all = octets(text);
  return { octets: all, end: octets(end), exact: { messageSize: all.length, messageDepth: levelsOf(whole), messageItems: itemsOf(whole) } };
}

const BEFORE = ['a'];
const writers: Readonly<Record<string, { readonly framing: string; write(chance: Chance, whole: unknown): Sample }>> = {
  cbor: { framing: 'cbor', write: cborOf },
  'JSON in lines': { framing: 'json', write: (_chance, whole) => jsonOf(whole, '\n') },
  'JSON one after the other': { framing: 'json', write: (_chance, whole) => jsonOf(whole, '') },
  'JSON with white space': { framing: 'json', write: (_chance, whole) => jsonOf(whole, '\r\n\t ', JSON.stringify(whole, undefined, 1)) },
  rxmp_json: { framing: 'rxmp_json', write: (_chance, whole) => jsonOf(whole, '\n') },
};

describe.each(Object.entries(writers))('limits are kept exactly, however messages are cut: %s', (_name, { framing, write }) => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('trial %i', (seed) => {
    const chance = seeded(seed);
    const whole = ['port', ...Array.from({ length: 1 + Math.floor(chance() * 4) }, () => anyValue(chance, 4))];
    const sample = write(chance, whole);
    const small = write(() => 0.5, BEFORE);
    const stream = joined([small, sample, small].flatMap(({ octets: all, end = new Uint8Array(0) }) => [all, end]));
    const ways = [[stream], Array.from(stream, (octet) => Uint8Array.of(octet)), cut(stream, 5, chance), cut(stream, 100, chance)];
    if (framing !== 'cbor') ways.push([new TextDecoder().decode(stream)] as never);
    const roomy = Object.fromEntries(Object.entries(sample.exact).map(([limit, value]) => [limit, Math.max(value as number, 9)])) as unknown as FramingLimits;
    for (const chunks of ways) {
      expect(decodeAll(framing, chunks, roomy)).toEqual({ messages: [BEFORE, whole, BEFORE] });
      for (const limit of ['messageSize', 'messageDepth', 'messageItems'] as const) {
        // the small messages need some, too
        if (sample.exact[limit] <= (limit === 'messageDepth' ? 1 : 9)) continue;
        expect(decodeAll(framing, chunks, { ...roomy, [limit]: sample.exact[limit] })).toEqual({ messages: [BEFORE, whole, BEFORE] });
        const { messages, error } = decodeAll(framing, chunks, { ...roomy, [limit]: sample.exact[limit] - 1 });
        expect(messages).toEqual([BEFORE]);
        expect(error).toBeInstanceOf(limit === 'messageDepth' ? ProtocolError : MessageTooLarge);
      }
    }
  });
});

describe('limits are kept exactly in a batch', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))('trial %i', (seed) => {
    const chance = seeded(seed);
    const messages = Array.from({ length: 4 }, () => ['port', ...Array.from({ length: Math.floor(chance() * 4) }, () => anyValue(chance, 3))]);
    const line = octets(`${JSON.stringify([4, 'port', ...messages.flatMap(([, ...elements]) => [elements.length, ...elements])])}\n`);
    const exact = {
      messageSize: Math.max(...messages.map((message) => octets(JSON.stringify(message)).length)),
      messageItems: Math.max(...messages.map(itemsOf)),
      messageDepth: Math.max(...messages.map(levelsOf)),
    };
    for (const chunks of [[line], cut(line, 30, chance), [new TextDecoder().decode(line)]]) {
      expect(decodeAll('rxmp_json', chunks, exact)).toEqual({ messages });
      for (const limit of ['messageSize', 'messageItems'] as const) {
        const within = { ...exact, [limit]: exact[limit] - 1 };
        const first = messages.findIndex((message) => (limit === 'messageSize' ? octets(JSON.stringify(message)).length : itemsOf(message)) === exact[limit]);
        const { messages: before, error } = decodeAll('rxmp_json', chunks, within);
        expect(before).toEqual(messages.slice(0, first));
        expect(error).toBeInstanceOf(MessageTooLarge);
      }
      if (exact.messageDepth > 1) expect(decodeAll('rxmp_json', chunks, { ...exact, messageDepth: exact.messageDepth - 1 }).error).toBeInstanceOf(ProtocolError);
    }
  });
});

describe('items', () => {
  it('are counted as they are read', () => {
    const chance = seeded(1);
    for (let i = 0; i < 500; i++) {
      const value = anyValue(chance, 4);
      expect(countItems(value)).toBe(itemsOf(value));
      const levels = levelsOf(value);
      expect(countItems(value, levels)).toBe(itemsOf(value));
      if (levels > 0) expect(() => countItems(value, levels - 1)).toThrow(`a message nests deeper than ${levels - 1} levels`);
    }
  });

  it('octets are one, whatever their number', () => {
    expect([countItems(new Uint8Array(1_000)), countItems([new Uint8Array(1_000)]), countItems({ a: new Uint8Array(0) })]).toEqual([0, 1, 2]);
  });
});
