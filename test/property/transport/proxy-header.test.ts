import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxyHeader, type ProxyHeader } from '../../../src/transport/proxy-header.js';
import { addressesOf, binaryHeader, textHeader } from '../../fixtures/proxy-headers.js';

const LONGEST = 4_096;
const port = fc.nat({ max: 65_535 });
const source = fc.oneof(fc.ipV4(), fc.ipV6().filter((address) => !address.includes('.')));
const extra = fc.uint8Array({ maxLength: 300 });
const right = fc.oneof(
  fc.tuple(source, port).map(([address, from]) => textHeader(address, from)),
  fc.tuple(fc.ipV4(), fc.ipV4(), port, port, extra).map(([from, to, a, b, more]) => binaryHeader(0x21, 0x11, Buffer.concat([addressesOf(from, to, [a, b]), more]))),
  extra.map((more) => binaryHeader(0x20, 0, more)),
);
/** Right headers with some octets changed, and beginnings of headers with anything behind. */
const nearly = fc.oneof(
  fc.tuple(right, fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 })).map(([header, changes]) => {
    const changed = Buffer.from(header);
    for (const [at, octet] of changes) if (at < changed.length) changed[at] = octet;
    return changed;
  }),
  extra.map((more) => Buffer.concat([Buffer.from('PROXY '), more])),
  extra.map((more) => Buffer.concat([binaryHeader(0x21, 0x11, Buffer.alloc(0)).subarray(0, 12), more])),
  extra.map((more) => Buffer.from(more)),
);

/** What a connection is told that gets it in pieces, and after how many octets. */
function inPieces(octets: Buffer, ends: readonly number[]): { readonly header: ProxyHeader; readonly at: number } {
  for (const at of [...ends, octets.length]) {
    const header = parseProxyHeader(octets.subarray(0, at));
    if (header.kind !== 'more') return { header, at };
  }
  return { header: { kind: 'more' }, at: octets.length };
}

const everyOctet = (octets: Buffer): number[] => Array.from({ length: octets.length }, (_, index) => index + 1);

describe('G9: whatever comes as a PROXY header', () => {
  it('that is right is found in one piece, and octet by octet, and never too early or late', () => {
    fc.assert(
      fc.property(right, extra, (header, more) => {
        const whole = parseProxyHeader(Buffer.concat([header, more]));
        expect(whole).toMatchObject({ kind: 'header', length: header.length });
        expect(inPieces(header, everyOctet(header))).toEqual({ header: whole, at: header.length });
      }),
    );
  });

  it('is right or wrong in a way that is known after 4,096 octets, and never throws', () => {
    fc.assert(
      fc.property(nearly, fc.nat({ max: 255 }), (octets, fill) => {
        const { header, at } = inPieces(octets, everyOctet(octets));
        // what is known of a beginning does not change by what follows
        const longer = parseProxyHeader(Buffer.concat([octets, Buffer.alloc(LONGEST, fill)]));
        expect(longer.kind).not.toBe('more');
        if (header.kind === 'none') expect(longer.kind).toBe('none');
        if (header.kind === 'header') expect(longer).toEqual(header);
        if (header.kind === 'header') expect(at).toBe(header.length);
        if (header.kind === 'bad') expect(longer.kind).toBe('bad');
      }),
      { numRuns: 2_000 },
    );
  });
});
