import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { jsonLinesFraming } from '../../../src/wire/json-lines.js';

const utf8 = new TextEncoder();
const encode = (portName: string, message: readonly unknown[]): Uint8Array => {
  const encoded = jsonLinesFraming.encode(portName, message);
  return typeof encoded === 'string' ? utf8.encode(encoded) : encoded;
};
const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** What a decoder makes of chunks. */
function decode(chunks: readonly (Uint8Array | string)[], limits: Partial<Limits> = {}): unknown[] {
  const decoder = jsonLinesFraming.decoder({ ...defaultLimits, ...limits });
  const messages: unknown[] = [];
  for (const chunk of chunks) decoder.push(chunk, (port, message) => { messages.push([port, ...message]); });
  return messages;
}

const LONG = `["a text that is JSON itself",\n{"k":"ä€😀\\u0001"}]`.repeat(60);
const OCTETS = Uint8Array.from({ length: 3_000 }, (_, i) => i % 256);

describe('a long element at the end of a message', () => {
  it('goes as it is: nothing in it is escaped', () => {
    for (const [message, octets] of [[['x', LONG], utf8.encode(LONG)], [['x', OCTETS], OCTETS]] as const) {
      const encoded = encode('', message);
      expect(encoded.subarray(encoded.length - octets.length)).toEqual(octets);
      expect(encoded.length - octets.length).toBeLessThan(20);
    }
  });

  it.each([
    ['text', 'p', ['tag', 1, LONG]],
    ['text for the node port', '', ['rxmp_channel', 'piece', 1, 2, LONG]],
    ['octets for the node port', '', ['rxmp_channel', 'piece', 1, 2, OCTETS]],
    ['no octets', '', ['rxmp_channel', 'piece', 1, 2, new Uint8Array(0)]],
    ['a head that is long', 'p', ['y'.repeat(50_000), LONG]],
    ['a head that is too long for one', 'p', ['y'.repeat(70_000), LONG]],
    ['alone', 'p', [LONG]],
    ['half of a surrogate pair', 'p', [`${'x'.repeat(5_000)}\ud800`]],
    ['a byte order mark', 'p', [`\ufeff${'x'.repeat(5_000)}`]],
    ['control characters', 'p', ['\u0001\n\u0000'.repeat(1_000)]],
    ['short text', 'p', ['x'.repeat(2_047)]],
  ])('arrives as it was, between lines, wherever it is cut: %s', (_, portName, message) => {
    const before = ['q', 'before'];
    const whole = concat([encode('q', ['before']), encode(portName, message), encode(portName, message), encode('q', ['before'])]);
    const expected = [before, [portName, ...message], [portName, ...message], before];
    expect(decode([whole])).toEqual(expected);
    for (const size of [1, 7, 1_000, 4_096]) {
      const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_piece, i) => whole.subarray(i * size, (i + 1) * size));
      expect(decode(chunks)).toEqual(expected);
    }
    for (let cut = 1; cut < 60; cut++) expect(decode([whole.subarray(0, cut), whole.subarray(cut)])).toEqual(expected);
  });

  it('may come as text, too', () => {
    const text = new TextDecoder().decode(encode('p', ['x', LONG]));
    expect(decode(['["q"]\n', text, '["q"]\n'])).toEqual([['q'], ['p', 'x', LONG], ['q']]);
    expect(decode([text.slice(0, 9), text.slice(9, 500), text.slice(500), '["q"]\n'])).toEqual([['p', 'x', LONG], ['q']]);
  });

  it.each<[string, string, Partial<Limits>]>([
    ['\u00015t["p"]\nab\u00ff\u00ff\u00ff', '', {}],
    ['\u0001["p"]\n', 'a long element comes after its length and the rest of its message', {}],
    ['\u00015x["p"]\n', 'a long element comes after its length and the rest of its message', {}],
    ['\u00015t{"p":1}\n', 'a long element comes after its length and the rest of its message', {}],
    ['\u00015t["p",]\n', 'a message is not JSON', {}],
    ['\u00015t[5]\n', 'a message begins with a port name, got 5', {}],
    ['\u00015o["p"]\n', 'octets are for the node port, got "p"', {}],
    ['\u0001200000000t["p"]\n', 'a message is longer than limits.messageSize, 67108864 octets', {}],
    ['\u000195t["p"]\n', 'a message is longer than limits.messageSize, 100 octets', { messageSize: 100 }],
    ['\u00015t["p",1,1,1,1]\n', 'a message has more than limits.messageItems, 5', { messageItems: 5 }],
    [`\u00015t["p",${'['.repeat(9)}${']'.repeat(9)}]\n`, 'a message nests deeper than 5 levels', { messageDepth: 5 }],
    ['["p"\u00015t["p"]\nabcde', 'a long element begins within a line', {}],
    [`\u0001${'1'.repeat(70_000)}`, 'what comes before a long element has at most 65536 octets', {}],
  ])('that is wrong ends the connection: %j', (text, error, limits) => {
    if (error === '') expect(() => decode([Uint8Array.from({ length: text.length }, (_octet, i) => text.charCodeAt(i))], limits)).toThrow('is not UTF-8');
    else expect(() => decode([text], limits)).toThrow(error);
  });
});
