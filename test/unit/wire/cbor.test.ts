import { describe, expect, it } from 'vitest';
import { MessageTooLarge, ProtocolError } from '../../../src/wire/errors.js';
import { cborFraming } from '../../../src/wire/cbor.js';
import { decodeAll } from '../../fixtures/decode.js';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const encoded = (message: readonly unknown[]): string => Buffer.from(cborFraming.encode('p', message)).toString('hex');
/** A message to port p with one more element, written in hex. */
const element = (text: string): unknown => {
  const octets = hex(`82 6170 ${text}`);
  const { messages, error } = decodeAll('cbor', [octets]);
  expect(decodeAll('cbor', Array.from(octets, (octet) => Uint8Array.of(octet))).messages).toEqual(messages);
  if (error !== undefined) throw error;
  return messages[0]?.[1];
};

describe('CBOR framing, writing (wire.md 1.5)', () => {
  it.each([
    ['small integers', [1, -1, 500], '84617001201901f4'],
    ['floats', [1.5], '826170fb3ff8000000000000'],
    ['bytes', [new Uint8Array([1, 2])], '826170420102'],
    ['Node.js buffers', [Buffer.from([1, 2])], '826170420102'],
    ['undefined and functions', [undefined, () => 1], '836170f6f6'],
    ['undefined in objects is left out', [{ a: undefined, b: null }], '826170a16162f6'],
    ['dates as JSON has them', [new Date(0)], '8261707818313937302d30312d30315430303a30303a30302e3030305a'],
    ['maps, sets, errors as JSON has them', [new Map([[1, 2]]), new Set([1]), new Error('x')], '846170a0a0a0'],
    ['big integers', [2n ** 63n], '8261701b8000000000000000'],
    ['__proto__', [JSON.parse('{"__proto__":1}')], '826170a1695f5f70726f746f5f5f01'],
    ['boxed and own classes', [Object(5), new (class { x = 1; })()], '83617005a1617801'],
  ])('%s', (_, message, octets) => {
    expect(encoded(message)).toBe(octets);
  });

  it('gives octets that are its own', () => {
    const first = cborFraming.encode('p', ['one']) as Uint8Array;
    const copy = Uint8Array.from(first);
    cborFraming.encode('p', ['two']);
    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(first.length);
    expect(first.constructor).toBe(Uint8Array);
  });

  it('refuses what contains itself', () => {
    const loop: unknown[] = [];
    loop.push({ loop });
    expect(() => cborFraming.encode('p', loop)).toThrow(/contains itself/);
  });
});

describe('CBOR framing, reading', () => {
  it.each([
    ['byte string that is text', '43 616263', 'abc'],
    ['long byte string that is text', '5820 6162636465666768696a6b6c6d6e6f707172737475767778797a303132333435', 'abcdefghijklmnopqrstuvwxyz012345'],
    ['byte string that is not UTF-8', '42 fffe', new Uint8Array([255, 254])],
    ['byte order mark', '44 efbbbf61', '\ufeffa'],
    ['undefined', 'f7', null],
    ['half float', 'f9 3e00', 1.5],
    ['integer in 8 octets', '1b 0000000000000005', 5],
    ['2^53 - 1', '1b 001fffffffffffff', 2 ** 53 - 1],
    ['2^53', '1b 0020000000000000', 2n ** 53n],
    ['negative in 8 octets', '3b 0000000000000004', -5],
    ['-2^64', '3b ffffffffffffffff', -(2n ** 64n)],
    ['bignum', 'c2 49 010000000000000000', 2n ** 64n],
    ['negative bignum', 'c3 49 010000000000000000', -(2n ** 64n) - 1n],
    ['small bignum', 'c2 41 05', 5],
    ['Perl reference', 'd95652 a1 4161 d95652 01', { a: 1 }],
    ['self-described', 'd9d9f7 01', 1],
    ['map with byte string keys', 'a2 4161 01 6162 4163', { a: 1, b: 'c' }],
    ['map with a key that is Latin-1', 'a1 42 66fc 01', { fü: 1 }],
    ['map with other keys', 'a4 05 01 f5 02 f6 03 20 04', { '5': 1, true: 2, null: 3, '-1': 4 }],
    ['array of indefinite length', '9f 01 9f ff 02 ff', [1, [], 2]],
    ['map of indefinite length', 'bf 4161 01 4162 bf ff ff', { a: 1, b: {} }],
    ['text of indefinite length', '7f 6161 60 6262 63 ff', 'abc'],
    ['octets of indefinite length', '5f 41ff 580101 ff', new Uint8Array([255, 1])],
    ['lengths of 8 octets', '83 7b0000000000000001 61 5b0000000000000002 6162 a1 7b0000000000000001 63 9b0000000000000001 5b0000000000000001 ff', ['a', 'ab', { c: [new Uint8Array([255])] }]],
    ['empty string of indefinite length, deep', '81 a1 7f ff 5f ff', [{ '': '' }]],
    ['empty things', '84 80 a0 40 60', [[], {}, '', '']],
  ])('%s', (_, text, value) => {
    expect(element(text)).toEqual(value);
  });

  it('leaves __proto__ a key like any other', () => {
    for (const key of ['69', '49', '5f 49']) {
      const value = element(`a1 ${key} 5f5f70726f746f5f5f ${key.startsWith('5f') ? 'ff' : ''} a1 6178 01`) as object;
      expect(Object.keys(value)).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
    expect('x' in {}).toBe(false);
  });

  it.each([
    ['reserved information', '1c'],
    ['reserved simple value', 'f8 ff'],
    ['simple value without meaning', 'e0'],
    ['break outside', 'ff'],
    ['break in a definite array', '81 ff'],
    ['break after a tag', '9f c2 ff'],
    ['break between key and value', 'bf 01 ff'],
    ['integer of indefinite length', '1f'],
    ['tag of indefinite length', 'df'],
    ['date tag', 'c1 01'],
    ['generic object tag', 'd81b 82 6652656745787 0 6161'],
    ['shared value tag', 'd81c 80'],
    ['shared reference tag', 'd81d 00'],
    ['cbor-x record tag', 'd9dfff 83 19e000 816161 01'],
    ['bignum that is no byte string', 'c2 01'],
    ['bignum in pieces', 'c2 5f 4101 ff'],
    ['bignum of 257 octets', 'c2 590101'],
    ['array as a key', 'a1 80 01'],
    ['tag as a key', 'a1 c2 41 01 01'],
    ['text piece in octets', '5f 6161 ff'],
    ['octets piece in text', '7f 4161 ff'],
    ['pieces in pieces', '5f 5f ff ff'],
  ])('refuses: %s', (_, text) => {
    expect(() => element(text)).toThrow(ProtocolError);
  });

  it.each([
    ['no array', '01'],
    ['a map', 'a0'],
    ['a text', '6161'],
    ['a port name that is a number', '8105'],
    ['a port name that is no text', '8141ff'],
    ['text frame', ''],
  ])('%s ends it, after the messages before', (_, text) => {
    const { messages, error } = decodeAll('cbor', [text === '' ? hex('81 4161') : hex(`81 4161 ${text} 81 4162`), ...(text === '' ? ['x'] : [])]);
    expect(messages).toEqual([['a']]);
    expect(error).toBeInstanceOf(ProtocolError);
  });

  it('lets null and nothing stand for the node port', () => {
    expect(decodeAll('cbor', [hex('80 82f601 d9d9f7 81f7')]).messages).toEqual([[], [null, 1], [null]]);
  });

  it.each([
    ['octets of 4 GB', '5affffffff'],
    ['text of 4 GB', '7affffffff'],
    ['array of 4 G elements', '9affffffff'],
    ['map of 4 G entries', 'baffffffff'],
    ['array of 2^64 elements', '9bffffffffffffffff'],
  ])('refuses at once: %s', (_, text) => {
    expect(() => element(text)).toThrow(MessageTooLarge);
    expect(decodeAll('cbor', [hex(text)]).error).toBeInstanceOf(MessageTooLarge);
  });

  it('keeps messageSize to the octet', () => {
    const within = { messageSize: 20, messageDepth: 512 };
    expect(decodeAll('cbor', [hex(`8151${'61'.repeat(17)}81 4162`)], within).messages).toHaveLength(1 + 1);
    expect(decodeAll('cbor', [hex(`8152${'61'.repeat(18)}`)], within).messages).toHaveLength(1);
    expect(decodeAll('cbor', [hex('8153')], within).error).toBeInstanceOf(MessageTooLarge);
    expect(decodeAll('cbor', [hex(`9f${'01'.repeat(20)}`)], within).error).toBeInstanceOf(MessageTooLarge);
  });

  it('keeps messageDepth, with tags as levels', () => {
    const within = { messageSize: 1e6, messageDepth: 8 };
    const nested = (head: string, depth: number): Uint8Array => hex(`82 4170 ${head.repeat(depth - 1)} 80`);
    for (const head of ['81', '9f', 'a101', 'd9d9f7']) {
      expect(decodeAll('cbor', [nested(head, 8)], within).error).toBeInstanceOf(ProtocolError);
    }
    expect(decodeAll('cbor', [nested('81', 7)], within)).toEqual({ messages: [['p', [[[[[[[]]]]]]]]] });
    for (const head of ['81', '9f', 'bf00', 'd95652', '7f', '5f']) {
      expect(decodeAll('cbor', [hex(head.repeat(1e6))]).error).toBeInstanceOf(ProtocolError);
    }
  });

  it('copies octets out of the chunk', () => {
    const chunk = hex('82 4170 42fffe');
    const { messages } = decodeAll('cbor', [chunk]);
    chunk.fill(0);
    expect(messages).toEqual([['p', new Uint8Array([255, 254])]]);
  });
});
