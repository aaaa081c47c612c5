import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { framings } from '../../../src/wire/framing.js';

/** How many messages a decoder makes of octets that come one at a time, so that nothing is parsed before it was looked at. */
function feed(name: string, messageItems: number, octets: Uint8Array): number {
  const decoder = framings.get(name)!.decoder({ ...defaultLimits, messageItems });
  let messages = 0;
  for (const octet of octets) decoder.push(Uint8Array.of(octet), () => { messages++; });
  return messages;
}

/** The least `limits.messageItems` with which a message is taken. */
function itemsOf(name: string, octets: Uint8Array): number {
  for (let items = 1; ; items++) {
    try {
      if (feed(name, items, octets) === 1) return items;
    } catch (error) {
      if (!String(error).includes('limits.messageItems')) throw error;
    }
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what counts as an item, however the octets come', () => {
  it('each bracket, comma and colon of JSON', () => {
    const bare = itemsOf('json', utf8('["p"]'));
    expect(itemsOf('json', utf8('["p",1,2,3,4,5,6,7]')) - bare).toBe(7);
    expect(itemsOf('json', utf8('["p",{"a":1,"b":2,"c":3}]')) - bare).toBe(7);
  });

  it('48 escapes, but none of the message before', () => {
    const escapes = (count: number): Uint8Array => utf8(`["p","${'\\n'.repeat(count)}"]`);
    expect(itemsOf('json', escapes(480)) - itemsOf('json', escapes(0))).toBe(10);
    const many = Array.from({ length: 20 }, () => [...escapes(100)]).flat();
    expect(feed('json', itemsOf('json', escapes(100)), Uint8Array.from(many))).toBe(20);
  });

  it('two octets of a large integer of CBOR', () => {
    const bignum = (length: number): Uint8Array => Uint8Array.of(0x82, 0x61, 0x70, 0xc2, 0x58, length, ...new Uint8Array(length).fill(1));
    expect(itemsOf('cbor', bignum(40)) - itemsOf('cbor', bignum(0))).toBe(20);
  });
});
