import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { cborFraming } from '../../../src/wire/cbor.js';
import type { Values } from '../../../src/wire/message.js';
import { valuesFraming } from '../../../src/wire/values.js';

/** What arrives of values that came by structured clone. */
function received(values: Values, limits: Partial<Limits> = {}): unknown[][] {
  const got: unknown[][] = [];
  valuesFraming.decoder({ ...defaultLimits, ...limits }).push(values, (port, message) => got.push([port, ...message]));
  return got;
}
const sent = (...message: unknown[]): unknown => {
  const { messages, length, transfer } = valuesFraming.encode('port', message);
  return received(structuredClone({ messages, length, transfer: [] }, { transfer: [...transfer] }))[0];
};
const raw = (whole: unknown): Values => ({ messages: [structuredClone(whole)], length: 1, transfer: [] });

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, undefined, true, false, Number.NaN, Infinity),
    fc.integer(),
    fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n }),
    fc.string({ unit: 'grapheme' }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((octets) => Uint8Array.of(0xff, ...octets)),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), tie('any'), { maxKeys: 5 }),
    fc.constantFrom(new Map([[1, 2]]), new Set([1]), () => 1, { toJSON: () => ['x'] }, new Number(3)),
  ),
})).any;

describe('V18: values by structured clone', () => {
  it('arrive as they do in CBOR, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (message) => {
        const inCbor: unknown[] = [];
        cborFraming.decoder(defaultLimits).push(cborFraming.encode('port', message), (port, rest) => inCbor.push([port, ...rest]));
        expect(sent(...message)).toEqual(inCbor[0]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are octets, also where CBOR makes text of them', () => {
    expect(sent(Uint8Array.of(97), 3n, 2n ** 53n)).toEqual(['port', Uint8Array.of(97), 3, 2n ** 53n]);
  });

  it('are as long as their size is limited, about', () => {
    const { length } = valuesFraming.encode('p', ['x'.repeat(1_000), new Uint8Array(500), [1, 2, 3]]);
    expect(length).toBeGreaterThan(1_500);
    expect(length).toBeLessThan(1_700);
  });

  it('many in one piece arrive in order', () => {
    expect(received({ messages: [['a', 1], ['b', 2]], length: 1, transfer: [] })).toEqual([['a', 1], ['b', 2]]);
  });
});

describe('V18: what a port brings is checked', () => {
  const ring: unknown[] = ['port'];
  ring.push(ring);
  /** 2 ** 60 items, if each was looked at. */
  const bomb = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], 1);

  it.each<[string, unknown, string]>([
    ['a ring', ring, 'a message nests deeper than 512 levels'],
    ['one thing many times', ['port', bomb], 'a message has more than limits.messageItems'],
    ['a Map', ['port', new Map()], 'a message holds [object Map], which none does'],
    ['a Date', ['port', [new Date()]], 'a message holds [object Date]'],
    ['an error', ['port', { error: new Error('x') }], 'a message holds [object Error]'],
    ['other octets', ['port', new Uint16Array(3)], 'a message holds [object Uint16Array]'],
    ['a buffer', ['port', new ArrayBuffer(3)], 'a message holds [object ArrayBuffer]'],
    ['undefined', ['port', undefined], 'a message holds undefined'],
    ['a hole', ['port', new Array(3)], 'a message holds undefined'],
    ['no array', 'text', 'a message is an array, got "text"'],
    ['no port name', [5], 'a message begins with a port name'],
  ])('%s is refused', (_, whole, text) => {
    expect(() => received(raw(whole))).toThrow(text);
  });

  it.each<[string, unknown, Partial<Limits>, string]>([
    ['text', ['p', 'x'.repeat(101)], { messageSize: 100 }, 'limits.messageSize'],
    ['octets', ['p', new Uint8Array(101)], { messageSize: 100 }, 'limits.messageSize'],
    ['keys', ['p', { ['x'.repeat(101)]: 1 }], { messageSize: 100 }, 'limits.messageSize'],
    ['elements', ['p', [1, 2, 3]], { messageItems: 4 }, 'limits.messageItems'],
    ['empty arrays', ['p', [[], []]], { messageItems: 5 }, 'limits.messageItems'],
    ['entries', ['p', { a: 1, b: 2 }], { messageItems: 5 }, 'limits.messageItems'],
    ['levels', ['p', [[1]]], { messageDepth: 2 }, '2 levels'],
  ])('%s beyond a limit are refused', (_, whole, limits, text) => {
    expect(() => received(raw(whole), limits)).toThrow(text);
  });

  it('text is refused where values are expected', () => {
    expect(() => received('text' as never)).toThrow('values are expected on this connection, got "text"');
    expect(() => received(Uint8Array.of(1) as never)).toThrow('values are expected on this connection, got 1 octets');
  });
});
