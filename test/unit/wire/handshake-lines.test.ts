import { describe, expect, it } from 'vitest';
import { HandshakeFailed } from '../../../src/wire/errors.js';
import { formatAuth, formatGreeting, parseAuth, parseGreeting } from '../../../src/wire/greeting.js';
import { createLineReader } from '../../../src/wire/lines.js';
import { cleartextProof, hmacProof, type GreetingLines } from '../../../src/wire/proof.js';
import { directions, recordings, type Direction, type Recording } from '../../fixtures/recordings.js';

const withoutReturn = (line: string): string => line.replace(/\r$/, '');
const refusedGreetings = /^g_(empty_name|garbage|other_protocol|version[02])/;

interface Line {
  readonly title: string;
  readonly recording: Recording;
  readonly direction: Direction;
  readonly index: number;
  readonly line: string;
}

const lines: readonly Line[] = recordings.flatMap((recording) =>
  directions.flatMap((direction) =>
    recording.lines[direction].map((line, index) => ({
      title: `${recording.file} ${direction} line ${index + 1}`,
      recording,
      direction,
      index,
      line: withoutReturn(line),
    })),
  ),
);
const refused = (line: Line): boolean => line.direction === 'c>s' && refusedGreetings.test(line.recording.file);

function greetings(recording: Recording, direction: Direction): GreetingLines {
  const [greeting = '', nonce = ''] = recording.lines[direction];
  return [withoutReturn(greeting), withoutReturn(nonce)];
}

describe('recorded greeting lines (wire.md 1.1)', () => {
  const greetingLines = lines.filter((line) => line.index === 0);

  it.each(greetingLines.filter((line) => !refused(line)))('$title: parsed and formatted again to the octet', ({ line }) => {
    expect(formatGreeting(parseGreeting(line))).toBe(line);
  });

  it('refuses those of another protocol, another version and without a name', () => {
    const bad = greetingLines.filter(refused);
    expect(bad.length).toBe(8);
    for (const { line } of bad) expect(() => parseGreeting(line)).toThrow(HandshakeFailed);
  });
});

describe('recorded authentication lines (wire.md 1.4)', () => {
  const authLines = lines.filter((line) => line.index === 2 && !refused(line));

  it.each(authLines)('$title: parsed and formatted again to the octet', ({ line }) => {
    expect(formatAuth(parseAuth(line))).toBe(line);
  });

  const proofs = authLines.filter(({ line }) => line.startsWith('hmac_sha3_512;'));
  it('has proofs in both directions', () => {
    expect(new Set(proofs.map((line) => line.direction)).size).toBe(2);
    expect(proofs.length).toBeGreaterThan(60);
  });

  it.each(proofs)('$title: the proof computed again to the octet', ({ recording, direction, line }) => {
    const end = direction === 'c>s' ? 'S' : 'G';
    const secret = typeof recording.secret === 'string' ? recording.secret : recording.secret[end];
    const other: Direction = direction === 'c>s' ? 's>c' : 'c>s';
    const proof = hmacProof(secret, greetings(recording, direction), greetings(recording, other));
    const wrong = direction === 'c>s' && /^g_(wrong_hmac|echo_with_changed)/.test(recording.file);
    if (wrong) expect(parseAuth(line).data).not.toBe(proof);
    else expect(parseAuth(line).data).toBe(proof);
  });

  it('cleartext: the secret in hex', () => {
    const cleartext = authLines.filter(({ line }) => line.startsWith('cleartext;'));
    expect(cleartext.length).toBeGreaterThan(10);
    for (const { recording, line } of cleartext) {
      const secret = recording.file.includes('wrong') ? 'wrong' : String(recording.secret);
      expect(parseAuth(line).data).toBe(cleartextProof(secret));
    }
  });
});

describe('recorded line lengths (wire.md 1)', () => {
  const first = (file: string): Uint8Array => {
    const line = lines.find(({ title }) => title === `${file} c>s line 1`)?.line ?? '';
    return new TextEncoder().encode(`${line}\n`);
  };
  const read = (octets: Uint8Array): string | undefined => {
    const reader = createLineReader(4096);
    reader.push(octets);
    return reader.next();
  };

  it('4,096 octets with the delimiter pass, 4,097 do not (AEMP lets them pass)', () => {
    expect(first('g_line_4095_plus_lf_json.json').length).toBe(4096);
    expect(read(first('g_line_4095_plus_lf_json.json'))).toHaveLength(4095);
    expect(first('g_line_4096_plus_lf_json.json').length).toBe(4097);
    expect(() => read(first('g_line_4096_plus_lf_json.json'))).toThrow(HandshakeFailed);
    expect(() => read(first('g_overlong_lf_json.json'))).toThrow(HandshakeFailed);
  });
});
