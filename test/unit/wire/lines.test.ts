import { describe, expect, it } from 'vitest';
import { HandshakeFailed } from '../../../src/wire/errors.js';
import { createLineReader } from '../../../src/wire/lines.js';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (rest: Uint8Array): string => new TextDecoder().decode(rest);

describe('the line reader', () => {
  it('gives one line at a time and leaves the rest as octets', () => {
    const reader = createLineReader(4096);
    reader.push(octets('one\ntwo\r\n\n\x00[1]\n'));
    expect([reader.next(), reader.next(), reader.next()]).toEqual(['one', 'two', '']);
    expect(text(reader.rest())).toBe('\x00[1]\n');
    expect(reader.next()).toBeUndefined();
    expect(reader.rest()).toHaveLength(0);
  });

  it('gives the beginning of a line and later chunks as rest, in order', () => {
    const reader = createLineReader(4096);
    for (const piece of ['a\nb', 'c', 'd']) reader.push(octets(piece));
    expect([reader.next(), reader.next()]).toEqual(['a', undefined]);
    reader.push(octets('e\nf'));
    expect(text(reader.rest())).toBe('bcde\nf');
  });

  it('reads octet by octet', () => {
    const reader = createLineReader(4096);
    const lines: string[] = [];
    for (const octet of octets('äöü €\r\nzwei\n')) {
      reader.push(Uint8Array.of(octet));
      const line = reader.next();
      if (line !== undefined) lines.push(line);
    }
    expect(lines).toEqual(['äöü €', 'zwei']);
  });

  it.each([
    ['with its end', `${'x'.repeat(16)}\n`],
    ['without an end', 'x'.repeat(16)],
  ])('refuses a line that is too long, %s', (_, line) => {
    const whole = createLineReader(16);
    whole.push(octets(line));
    expect(() => whole.next()).toThrow(HandshakeFailed);
    const pieces = createLineReader(16);
    expect(() => {
      for (const octet of octets(line)) {
        pieces.push(Uint8Array.of(octet));
        pieces.next();
      }
    }).toThrow('longer than 16 octets');
  });

  it('counts the delimiter', () => {
    const reader = createLineReader(16);
    reader.push(octets(`${'x'.repeat(15)}\n${'y'.repeat(14)}\r\n`));
    expect([reader.next()?.length, reader.next()?.length]).toEqual([15, 14]);
  });

  it('refuses what is not UTF-8', () => {
    const reader = createLineReader(16);
    reader.push(Uint8Array.of(0xff, 0x0a));
    expect(() => reader.next()).toThrow('not UTF-8');
  });
});
