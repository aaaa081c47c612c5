import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';
import { jsonLinesFraming } from '../../../src/wire/json-lines.js';
import { jsonFraming } from '../../../src/wire/json.js';
import { checkSize } from '../../../src/wire/size.js';
import type { Framing } from '../../../src/wire/message.js';

/** As a socket gives it. */
const CHUNK = 64 * 1024;
/** What one peer may send must not keep the others waiting for longer, ms; of processor time, since the machine may be busy. */
const LONGEST = 250;

/** Messages as large as they may be, each of another kind. */
const WORST: Readonly<Record<string, () => unknown>> = {
  'ASCII': () => 'x'.repeat(60_000_000),
  'Japanese': () => '日'.repeat(20_000_000),
  'line ends': () => '\n'.repeat(15_000_000),
  'numbers': () => Array.from({ length: 300_000 }, (_, i) => i / 7),
  'arrays': () => Array.from({ length: 150_000 }, () => []),
  'keys': () => Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [`key ${i}`, i])),
  'objects': () => Array.from({ length: 45_000 }, (_, i) => ({ [`a${i}`]: 1, [`b${i}`]: 2 })),
};

/** The processor time of the longest turn in which an encoded message is decoded, ms, and how many messages came of it. */
function longestTurn(framing: Framing, encoded: Uint8Array): { readonly ms: number; readonly messages: number } {
  const decoder = framing.decoder(defaultLimits);
  let [ms, messages] = [0, 0];
  for (let at = 0; at < encoded.length; at += CHUNK) {
    const before = process.cpuUsage();
    decoder.push(encoded.subarray(at, at + CHUNK), () => { messages++; });
    const { user, system } = process.cpuUsage(before);
    ms = Math.max(ms, (user + system) / 1_000);
  }
  return { ms, messages };
}

/** As octets, however the framing writes it. */
function octetsOf(framing: Framing, message: readonly unknown[]): Uint8Array {
  const encoded = framing.encode('port', message);
  return typeof encoded === 'string' ? new TextEncoder().encode(encoded) : encoded;
}

describe('no message within the limits takes the event loop for long', () => {
  it.each(Object.entries(WORST))('%s, as rxmp_json and as json', { timeout: 60_000 }, (_, make) => {
    const value = make();
    // a text at the end of a message is no JSON in rxmp_json
    for (const [framing, message] of [[jsonLinesFraming, [value]], [jsonLinesFraming, [value, 1]], [jsonFraming, [value]]] as const) {
      const encoded = octetsOf(framing, message);
      expect(encoded.length).toBeLessThan(defaultLimits.messageSize);
      const { ms, messages } = longestTurn(framing, encoded);
      expect(messages).toBe(1);
      expect(ms).toBeLessThan(LONGEST);
    }
  });

  it.each([jsonLinesFraming, jsonFraming])('escapes count: too many are neither sent nor accepted: %j', (framing) => {
    const limits = { ...defaultLimits, messageItems: 30_000 };
    const few = '\n'.repeat(48 * 29_900);
    const many = '\n'.repeat(48 * 30_100);
    const sizeOf = (text: string) => (): void => { checkSize(framing.encode('port', [text, 1]), 'port', [text, 1], limits); };
    expect(sizeOf(few)).not.toThrow();
    expect(sizeOf(many)).toThrow('a message of 30103 items to port "port" is too large: limits.messageItems is 30000');
    const push = (text: string) => (): void => {
      const decoder = framing.decoder(limits);
      const encoded = octetsOf(framing, [text, 1]);
      for (let at = 0; at < encoded.length; at += CHUNK) decoder.push(encoded.subarray(at, at + CHUNK), () => undefined);
    };
    expect(push(few)).not.toThrow();
    expect(push(many)).toThrow(MessageTooLarge);
  });

  it('a long line that is no UTF-8 is refused, also where its last character is cut', () => {
    const bad = (...octets: number[]) => (): void => {
      const decoder = jsonLinesFraming.decoder(defaultLimits);
      decoder.push(new TextEncoder().encode(`["port","${'x'.repeat(2_000_000)}`), () => undefined);
      decoder.push(Uint8Array.from(octets), () => undefined);
    };
    expect(bad(0xff)).toThrow('a JSON message is not UTF-8');
    expect(bad(0xe6, 0x97, 0x0a)).toThrow('a JSON message is not UTF-8');
  });
});
