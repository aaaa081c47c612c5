import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framings } from '../../../src/wire/framing.js';
import { formatAuth, formatGreeting, parseAuth, parseGreeting } from '../../../src/wire/greeting.js';
import { cut, joined, seeded } from '../../fixtures/chunking.js';
import { decodeAll } from '../../fixtures/decode.js';

const jsonValue = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown); // no -0
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const messages = (value: fc.Arbitrary<unknown>): fc.Arbitrary<[string, ...unknown[]][]> =>
  fc.array(fc.tuple(text, fc.array(value, { maxLength: 6 })).map(([port, rest]): [string, ...unknown[]] => [port, ...rest]));

function stream(name: string, sent: readonly (readonly [string, ...unknown[]])[]): Uint8Array {
  const encoded = sent.map(([port, ...message]) => framings.get(name)?.encode(port, message) ?? '');
  return joined(encoded.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)));
}

describe('what is encoded is decoded, cut in any way (wire.md 1.5)', () => {
  it.each(['rxmp_json', 'json', 'cbor'])('%s: JSON values', (name) => {
    fc.assert(
      fc.property(messages(fc.oneof(jsonValue, text)), fc.integer(), fc.integer({ min: 1, max: 300 }), (sent, seed, average) => {
        expect(decodeAll(name, cut(stream(name, sent), average, seeded(seed)))).toEqual({ messages: sent });
      }),
      { numRuns: 1_000 },
    );
  });

  it('json: also without the line ends', () => {
    fc.assert(
      fc.property(messages(jsonValue), fc.integer(), (sent, seed) => {
        const bare = stream('json', sent).filter((octet) => octet !== 0x0a);
        expect(decodeAll('json', cut(bare, 20, seeded(seed)))).toEqual({ messages: sent });
      }),
      { numRuns: 500 },
    );
  });

  it('cbor: octets, floats and integers of any size', () => {
    const octets = fc.uint8Array({ minLength: 1 }).map((array) => new Uint8Array([0xff, ...array])); // never UTF-8
    const bigs = fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).filter((big) => big > 2n ** 53n || big < -(2n ** 53n));
    const float = fc.double({ noNaN: true }).map((number) => number + 0);
    fc.assert(
      fc.property(messages(fc.oneof(octets, bigs, float, jsonValue)), fc.integer(), (sent, seed) => {
        expect(decodeAll('cbor', cut(stream('cbor', sent), 20, seeded(seed)))).toEqual({ messages: sent });
      }),
      { numRuns: 500 },
    );
  });

  it.each(['rxmp_json', 'json', 'cbor'])('%s: all framings give the same for the same plain values', (name) => {
    fc.assert(
      fc.property(messages(fc.anything({ withDate: true, withMap: true, withSet: true, withSparseArray: true })), (sent) => {
        const asJson = sent.map((message) => JSON.parse(JSON.stringify(message, finite)) as [string, ...unknown[]]);
        const encodable = sent.map((message) => deepFinite(message) as [string, ...unknown[]]);
        expect(decodeAll(name, [stream(name, encodable)])).toEqual({ messages: asJson });
      }),
      { numRuns: 500 },
    );
  });
});

describe('handshake lines', () => {
  const word = fc.stringMatching(/^[a-z0-9_]{1,12}$/);
  const value = fc.string({ maxLength: 40 }).filter((string) => !/[\r\n]/.test(string));
  const keys = fc.uniqueArray(fc.tuple(word, value), { selector: ([key]) => key }).map((pairs) => new Map(pairs));
  const list = fc.array(word, { maxLength: 4 });

  it('are read as they were written', () => {
    const node = fc.stringMatching(/^[A-Za-z0-9_\-.:/]{1,255}$/);
    const greetings = fc.record({ protocol: fc.constantFrom('aemp', 'aemp-x'), version: fc.constant('1'), node, auth: list, framings: list, keys });
    fc.assert(
      fc.property(greetings, fc.record({ method: word, data: value, framing: word, keys }), (greeting, auth) => {
        expect(parseGreeting(formatGreeting(greeting))).toEqual(greeting);
        expect(parseAuth(formatAuth(auth))).toEqual(auth);
      }),
    );
  });
});

const finite = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? null : value);

/** Without the values that CBOR keeps and JSON does not: NaN, Infinity, and BigInts. */
function deepFinite(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return null;
  if (Array.isArray(value)) return Array.from(value, deepFinite);
  const prototype: unknown = value !== null && typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, deepFinite(inner)]));
}
