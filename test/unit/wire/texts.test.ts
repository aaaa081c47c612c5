import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { decodeDatabaseRequest } from '../../../src/wire/database.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import { framings } from '../../../src/wire/framing.js';
import { decodeAll } from '../../fixtures/decode.js';

const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));

describe('a CBOR text that is no UTF-8 ends the connection, as a JSON message does, and is not changed silently', () => {
  it.each([
    ['an octet that never occurs', '82 40 61ff'],
    ['a character that is cut short', '82 40 62c328'],
    ['half of a surrogate pair', '82 40 63eda080'],
    ['more octets than needed', '82 40 62c080'],
    ['beyond the last character', '82 40 64f4908080'],
    ['in a key', '82 40 a1 61ff 01'],
    ['deep inside', '82 40 81 a1 6161 81 82 00 61ff'],
    ['of 100 octets', `82 40 7864 ${'61'.repeat(99)}ff`],
    ['the name of the port', '81 61ff'],
  ])('%s', (_, item) => {
    const { messages, error } = decodeAll('cbor', [hex('8140'), hex(item)]);
    expect(messages).toEqual([['']]);
    expect(error).toEqual(new ProtocolError('a CBOR text is not UTF-8'));
  });

  it('U+FFFD itself is a character like any other', () => {
    expect(decodeAll('cbor', [hex('82 40 63efbfbd'), hex('82 40 a1 63efbfbd 01')])).toEqual({ messages: [['', '\ufffd'], ['', { '\ufffd': 1 }]] });
  });

  it.each([
    ['right', '日本語é😀'.repeat(300_000), undefined],
    ['not UTF-8 at the end', '日本語é😀'.repeat(300_000), 0xff],
    ['cut short at the end', '日本語é😀'.repeat(300_000), 0xe6],
  ])('a long text, which is decoded in pieces that cut characters: %s', (_name, text, wrong) => {
    const octets = new TextEncoder().encode(text);
    const all = wrong === undefined ? octets : new Uint8Array([...octets.subarray(0, -1), wrong]);
    const { messages, error } = decodeAll('cbor', [hex(`82 40 7a ${all.length.toString(16).padStart(8, '0')}`), all]);
    if (wrong === undefined) expect(messages[0]?.[1] === text).toBe(true);
    else expect(error).toEqual(new ProtocolError('a CBOR text is not UTF-8'));
  });

  it('a text in pieces may be cut inside a character', () => {
    expect(decodeAll('cbor', [hex('82 40 7f 61c3 61a9 ff')])).toEqual({ messages: [['', 'é']] });
  });
});

describe('halves of surrogate pairs', () => {
  it.each(['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`, '\udc00\ud800'])('CBOR carries U+FFFD for them, so that the other end does not refuse them (%j)', (text) => {
    const encoded = framings.get('cbor')?.encode('p', [text, { [text]: [text] }, 1n, Uint8Array.of(0xed, 0xff)]);
    const whole = text.toWellFormed();
    expect(decodeAll('cbor', [encoded ?? ''])).toEqual({ messages: [['p', whole, { [whole]: [whole] }, 1, Uint8Array.of(0xed, 0xff)]] });
  });

  it('what begins with the same octet is carried as it is', () => {
    const korean = ['한글', { 한: ['글'] }, '\ud7ff'];
    expect(decodeAll('cbor', [framings.get('cbor')?.encode('p', korean) ?? ''])).toEqual({ messages: [['p', ...korean]] });
  });

  const decode = (...[tag, ...args]: unknown[]) => decodeDatabaseRequest(String(tag), args, defaultLimits);

  it('in a key of the database are refused (S29, D9)', () => {
    for (const key of ['\ud800', 'a\udfff']) {
      expect(() => decode('g_upd', 'fam', { [key]: 1 })).toThrow(ProtocolError);
      expect(() => decode('g_upd', 'fam', null, [key])).toThrow('is no key: it has half of a surrogate pair');
      expect(() => decode('g_slave', { fam: { good: 1, [key]: 1 } })).toThrow(ProtocolError);
    }
  });

  it('in a value of the database become what CBOR makes of them, so that every node has the same (S30)', () => {
    expect(decode('g_upd', 'fam', { a: '\ud800', b: [{ '\udc00': 'x\ud83d' }], c: '😀' })).toMatchObject({
      set: new Map<string, unknown>([['a', '\ufffd'], ['b', [{ '\ufffd': 'x\ufffd' }]], ['c', '😀']]),
    });
  });
});
