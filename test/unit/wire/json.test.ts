import { describe, expect, it } from 'vitest';
import { MessageTooLarge, ProtocolError } from '../../../src/wire/errors.js';
import { jsonFraming } from '../../../src/wire/json.js';
import { decodeAll } from '../../fixtures/decode.js';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (text: string, within?: { messageSize: number; messageDepth: number }): ReturnType<typeof decodeAll> =>
  decodeAll('json', [octets(text)], within);

describe('JSON framing, writing (wire.md 1.5)', () => {
  it.each<[text: string, port: string, message: unknown[]]>([
    ['["","mon1","x"]', '', ['mon1', 'x']],
    ['["p",null,null,null,null]', 'p', [undefined, NaN, Infinity, () => 1]],
    ['["p",{"b":"1970-01-01T00:00:00.000Z"}]', 'p', [{ a: undefined, b: new Date(0) }]],
    ['["p",12345678901234567890,{"n":-1,"a":[1],"s":"1n"}]', 'p', [12345678901234567890n, { n: -1n, a: [1n], s: '1n' }]],
    ['["p",{"0":1,"type":"Buffer"}]', 'p', [{ '0': 1, type: 'Buffer' }]],
  ])('%s', (text, port, message) => {
    expect(jsonFraming.encode(port, message)).toBe(`${text}\n`);
  });

  it.each<[what: string, value: unknown]>([
    ['a Uint8Array', new Uint8Array([1])],
    ['one deep inside', { deep: [new Uint8Array(3)] }],
    ['a Buffer', Buffer.from('x')],
    ['one beside a BigInt', [1n, new Uint8Array(1)]],
  ])('refuses octets at the call: %s', (_, value) => {
    expect(() => jsonFraming.encode('p', [value])).toThrow('cannot carry octets');
  });

  it('refuses what contains itself', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => jsonFraming.encode('p', loop)).toThrow(TypeError);
  });
});

describe('JSON framing, reading', () => {
  const messages = [['a', 1], ['b', 'x\ny', { k: '],[' }], ['', null]];

  it.each([
    ['a line each', messages.map((message) => `${JSON.stringify(message)}\n`).join('')],
    ['nothing between', messages.map((message) => JSON.stringify(message)).join('')],
    ['white space everywhere', messages.map((message) => ` \t${JSON.stringify(message, null, 2)}\r\n\n`).join('')],
    ['CR LF', messages.map((message) => `${JSON.stringify(message)}\r\n`).join('')],
    ['LF before', messages.map((message) => `\n${JSON.stringify(message)}`).join('')],
    ['two on the last line', `${JSON.stringify(messages[0])}\n${JSON.stringify(messages[1])}${JSON.stringify(messages[2])}\n`],
  ])('%s', (_, text) => {
    expect(decode(text)).toEqual({ messages });
    expect(decodeAll('json', Array.from(octets(text), (octet) => Uint8Array.of(octet)))).toEqual({ messages });
    expect(decodeAll('json', [text])).toEqual({ messages });
  });

  it('takes text chunks with whole messages and with pieces', () => {
    expect(decodeAll('json', ['["a"]', '["b"]\n["c"]\n', '["d', '"]["', 'e"]']).messages).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
  });

  it.each([
    ['no array', '["a"]\n{"a":1}\n["b"]\n'],
    ['a number', '["a"]\n5\n["b"]\n'],
    ['a closing bracket', '["a"]]'],
    ['bad JSON', '["a"]\n["b" : }\n'],
    ['a port name that is a number', '["a"]\n[5,"b"]\n'],
    ['an LF for a comma', '["a"]\n["b"\n"c"]\n'],
    ['an LF in a string', '["a"]\n["b\nc"]\n'],
    ['a comma between messages', '["a"],["b"]\n'],
    ['a byte order mark', '["a"]\n\ufeff["b"]\n'],
  ])('%s ends it, after the messages before', (_, text) => {
    for (const chunks of [[octets(text)], Array.from(octets(text), (octet) => Uint8Array.of(octet)), [text]]) {
      const { messages: before, error } = decodeAll('json', chunks);
      expect(before).toEqual([['a']]);
      expect(error).toBeInstanceOf(ProtocolError);
    }
  });

  it('refuses octets that are not UTF-8, after the messages before', () => {
    const { messages: before, error } = decodeAll('json', [Buffer.from('["a"]\n["\xff"]\n["b"]\n', 'latin1')]);
    expect(before).toEqual([['a']]);
    expect(error).toBeInstanceOf(ProtocolError);
  });

  it('lets null and nothing stand for the node port', () => {
    expect(decode('[null,"x"]\n[]\n').messages).toEqual([[null, 'x'], []]);
  });

  it('keeps messageSize, line by line or not, before the end is there', () => {
    const within = { messageSize: 20, messageDepth: 512 };
    const exact = `["${'x'.repeat(16)}"]`;
    expect(decode(`${exact}\n${exact}\n${exact}`, within).messages).toHaveLength(3);
    for (const end of ['"]\n', '"]', '']) {
      const { messages: before, error } = decode(`["a"]\n["b"]\n["${'x'.repeat(19)}${end}`, within);
      expect(before).toEqual([['a'], ['b']]);
      expect(error).toBeInstanceOf(MessageTooLarge);
    }
  });

  it('keeps messageDepth, line by line or not', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const within = { messageSize: 1e6, messageDepth: 8 };
    const begin = (depth: number): string => `["p",${nested(depth - 1)}]`;
    for (const end of ['\n', '']) {
      expect(decode(`["a"]\n${begin(8)}${end}`, within)).toEqual({ messages: [['a'], JSON.parse(begin(8))] });
      const { messages: before, error } = decode(`["a"]${end}${begin(9)}${end}`, within);
      expect(before).toEqual([['a']]);
      expect(error).toBeInstanceOf(ProtocolError);
    }
    expect(decode('['.repeat(1e6)).error).toBeInstanceOf(ProtocolError);
  });

  it('leaves __proto__ a key like any other', () => {
    const [message] = decode('["p",{"__proto__":{"polluted":1}}]\n').messages;
    const value = message?.[1] as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});
