import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { RxmpError } from '../../../src/wire/errors.js';
import { framings } from '../../../src/wire/framing.js';
import { parseAuth, parseGreeting } from '../../../src/wire/greeting.js';
import { createLineReader } from '../../../src/wire/lines.js';
import { decodeRequest } from '../../../src/wire/requests.js';
import { cut, joined, seeded } from '../../fixtures/chunking.js';
import { decodeAll, limits } from '../../fixtures/decode.js';
import { recordings } from '../../fixtures/recordings.js';

const INPUTS = 5_000; // of each of the four kinds below
const streams = recordings.flatMap((recording) => recording.streams.map(({ chunks }) => joined(chunks).subarray(0, 2_000)));

/** Everything that a connection does with octets from outside. Fails when anything but an RxmpError comes out. */
function survive(octets: Uint8Array, random: () => number): boolean {
  const errors: unknown[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      errors.push(error);
    }
  };
  const chunks = cut(octets, 1 + random() * 200, random);
  for (const name of framings.keys()) {
    const { messages, error } = decodeAll(name, chunks, { messageSize: 10_000, messageDepth: 100 });
    if (error !== undefined) errors.push(error);
    for (const message of messages) attempt(() => void decodeRequest(message.slice(1), defaultLimits));
  }
  attempt(() => {
    const reader = createLineReader(4096);
    for (const chunk of chunks) reader.push(chunk);
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      const text = line;
      attempt(() => void parseGreeting(text));
      attempt(() => void parseAuth(text));
    }
  });
  for (const error of errors) if (!(error instanceof RxmpError)) throw error;
  return errors.length > 0;
}

const noise = (random: () => number): Uint8Array => Uint8Array.from({ length: Math.ceil(random() * 300) }, () => random() * 256);

/** Octets that mean something to a framing, in a row that means nothing. */
const CBOR_HEADS = [0x80, 0x82, 0x9f, 0xa1, 0xbf, 0x5f, 0x7f, 0xff, 0x41, 0x61, 0x58, 0x78, 0x1b, 0x3b, 0xc2, 0xc3, 0xd9, 0x56, 0x52, 0xf6, 0xf9, 0xfb, 0, 1];
const JSON_SIGNS = new TextEncoder().encode('[]{}",:\\u0019.eE-+ \n\ttruefalsn');
const soup = (random: () => number): Uint8Array => {
  const signs: ArrayLike<number> = random() < 0.5 ? CBOR_HEADS : JSON_SIGNS;
  const first = signs === CBOR_HEADS ? [0x84, 0x40] : [0x5b];
  return Uint8Array.from([...first, ...Array.from({ length: Math.ceil(random() * 100) }, () => signs[Math.floor(random() * signs.length)] ?? 0)]);
};

const mutated = (random: () => number): Uint8Array => {
  const octets = Uint8Array.from(streams[Math.floor(random() * streams.length)] ?? []);
  for (let i = 0; i < 1 + random() * 4; i++) octets[Math.floor(random() * octets.length)] = random() * 256;
  return octets;
};

/** A piece of one stream put into another. */
const spliced = (random: () => number): Uint8Array => {
  const [a, b] = [streams, streams].map((all) => all[Math.floor(random() * all.length)] ?? new Uint8Array());
  if (a === undefined || b === undefined) return new Uint8Array();
  const at = random() * a.length;
  const from = random() * b.length;
  return joined([a.subarray(0, at), b.subarray(from, from + random() * 200), a.subarray(at)]);
};

describe('hostile input only ever ends a connection, with a reason', () => {
  it.each([
    ['noise', noise],
    ['soup', soup],
    ['recordings with changed octets', mutated],
    ['recordings put together wrongly', spliced],
  ])('%s', { timeout: 60_000 }, (_, make) => {
    const random = seeded(1);
    let refused = 0;
    for (let i = 0; i < INPUTS; i++) if (survive(make(random), random)) refused++;
    expect(refused).toBeGreaterThan(INPUTS / 2);
  });
});

describe('hostile input costs little', () => {
  const growth = (work: () => void): { readonly ms: number; readonly octets: number } => {
    const memory = process.memoryUsage();
    const start = process.cpuUsage(); // a busy machine must not fail this
    work();
    const { user } = process.cpuUsage(start);
    const after = process.memoryUsage();
    return { ms: user / 1000, octets: after.heapUsed + after.arrayBuffers - memory.heapUsed - memory.arrayBuffers };
  };
  const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

  it.each([
    ['five octets that announce 4 GB of octets', '5affffffff'],
    ['five octets that announce 4 G elements', '9affffffff'],
    ['the same inside a message', '82405affffffff'],
    ['arrays that each announce 60 M elements', '9a03938700'.repeat(500)],
    ['maps that each announce 30 M entries', 'ba01c9c38000'.repeat(500)],
  ])('%s', (_, text) => {
    const cost = growth(() => {
      for (let i = 0; i < 100; i++) decodeAll('cbor', [hex(text)]);
    });
    expect(cost.ms).toBeLessThan(1_000);
    expect(cost.octets).toBeLessThan(50e6);
  });

  it.each([
    ['json', '5b'],
    ['json', '7b2261223a'],
    ['rxmp_json', '5b'],
    ['rxmp_json', '5b312c'],
    ['rxmp_json', '7b2261223a'],
    ['cbor', '81'],
    ['cbor', '9f'],
    ['cbor', 'a100'],
    ['cbor', 'd9d9f7'],
  ])('%s: a nesting bomb of %s', (name, text) => {
    const cost = growth(() => expect(decodeAll(name, [hex(`${text.repeat(200_000)}0a`)]).error).toBeInstanceOf(RxmpError));
    expect(cost.ms).toBeLessThan(1_000);
  });

  it.each([
    ['json', '5b22', '61'],
    ['json', '5b22', '5c22'],
    ['json', '5b31', '2c31'],
    ['json', '', '20'],
    ['rxmp_json', '5b22', '61'],
    ['rxmp_json', '5b31', '2c31'],
    ['cbor', '9f40', '00'],
    ['cbor', '9f40', '40'],
    ['cbor', '9f405f', '4161'],
    ['cbor', '9f405f', '40'],
    ['cbor', '5a000f0000', '00'],
  ])('%s: a message without end, %s and then %s, a few octets at a time', (name, begin, more) => {
    const small = { ...limits, messageSize: 1_000_000 };
    const cost = growth(() => {
      const piece = hex(more);
      const { messages, error } = decodeAll(name, [hex(begin), ...Array.from({ length: 300_000 }, () => piece)], small);
      expect(messages).toEqual([]);
      if (error !== undefined) expect(error).toBeInstanceOf(RxmpError);
    });
    expect(cost.ms).toBeLessThan(3_000); // in the square of their number it would be over 10 s
  });

  it('a string in many pieces is put together in linear time', () => {
    const pieces = 1_000_000;
    const cost = growth(() => {
      const { messages } = decodeAll('cbor', [hex(`82407f${'6161'.repeat(pieces)}ff`), hex(`82405f${'40'.repeat(pieces)}ff`)], { messageItems: 2 * pieces });
      expect(messages.map((message) => String(message[1]).length)).toEqual([pieces, 0]);
    });
    expect(cost.ms).toBeLessThan(3_000);
  });

  it('white space without end is not kept', () => {
    const decoder = framings.get('json')?.decoder({ messageSize: 100, messageDepth: 8, messageItems: 100 });
    const got: unknown[] = [];
    for (let i = 0; i < 1_000; i++) decoder?.push(new Uint8Array(100).fill(0x20), (port) => got.push(port));
    decoder?.push('["still here"]', (port) => got.push(port));
    expect(got).toEqual(['still here']);
  });
});
