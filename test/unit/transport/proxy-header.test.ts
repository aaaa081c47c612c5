import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxyHeader } from '../../../src/transport/proxy-header.js';
import { addressesOf, binaryHeader, field, proxyHeader, textHeader, tlsField } from '../../fixtures/proxy-headers.js';

const v4 = addressesOf('203.0.113.7', '10.0.0.1', [5_678, 443]);
const extra = Buffer.from('0400044d4f5245', 'hex');
const parse = (text: string) => parseProxyHeader(Buffer.from(text, 'latin1'));

describe('G9: a PROXY header', () => {
  it.each<[string, Buffer, string | undefined]>([
    ['version 1, IPv4', textHeader('203.0.113.7'), '203.0.113.7:5678'],
    ['version 1, IPv6', textHeader('2001:DB8:0:0:0:0:0:7'), '[2001:db8::7]:5678'],
    ['version 1, IPv4 in IPv6', textHeader('::FFFF:203.0.113.7'), '203.0.113.7:5678'],
    ['version 1, port 0', Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n'), '1.2.3.4:0'],
    ['version 1, UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
    ['version 1, UNKNOWN with something', Buffer.from('PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n'), undefined],
    ['version 1, 107 octets', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), undefined],
    ['version 2, IPv4', proxyHeader('203.0.113.7'), '203.0.113.7:5678'],
    ['version 2, IPv6', proxyHeader('2001:db8::7'), '[2001:db8::7]:5678'],
    ['version 2, IPv4 in IPv6', proxyHeader('::ffff:cb00:7107'), '203.0.113.7:5678'],
    ['version 2, with something that the proxy adds', binaryHeader(0x21, 0x11, Buffer.concat([v4, extra])), '203.0.113.7:5678'],
    ['version 2, 4096 octets', binaryHeader(0x21, 0x11, Buffer.concat([v4, Buffer.alloc(4_068)])), '203.0.113.7:5678'],
    ['version 2, LOCAL', binaryHeader(0x20, 0x00, Buffer.alloc(0)), undefined],
    ['version 2, LOCAL with addresses', binaryHeader(0x20, 0x11, v4), undefined],
    ['version 2, UNSPEC', binaryHeader(0x21, 0x00, Buffer.alloc(0)), undefined],
    ['version 2, UNSPEC with something', binaryHeader(0x21, 0x00, extra), undefined],
    ['version 2, a Unix socket', binaryHeader(0x21, 0x31, Buffer.alloc(216)), undefined],
    ['version 2, datagrams', binaryHeader(0x21, 0x12, v4), undefined],
  ])('%s', (_, header, source) => {
    const rest = Buffer.from('PROXY TCP4 and what follows');
    expect(parseProxyHeader(header)).toEqual({ kind: 'header', length: header.length, source, isEncrypted: false });
    expect(parseProxyHeader(Buffer.concat([header, rest]))).toEqual({ kind: 'header', length: header.length, source, isEncrypted: false });
    for (let end = 0; end < header.length; end++) expect([end, parseProxyHeader(header.subarray(0, end)).kind]).toEqual([end, 'more']);
  });

  it.each(['GET / HTTP/1.1', 'aemp;1.0;node', 'PROXy ', 'PROXYTCP4 ', 'proxy TCP4', '\r\n\r\n\0\r\nQUIT\r', '\n', ' PROXY ', '\x16\x03\x01'])('is not what begins with %j', (text) => {
    expect(parse(text)).toEqual({ kind: 'none' });
  });

  const lines = 'expected PROXY TCP4, TCP6 or UNKNOWN, then two addresses and two ports, got';
  it.each([
    ['PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n', `${lines} "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\\r\\n"`],
    ['PROXY TCP4 ::1 ::1 1 2\r\n', `${lines} "PROXY TCP4 ::1 ::1 1 2\\r\\n"`],
    ['PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n', `${lines} "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 ::1 1 2\r\n', `${lines} "PROXY TCP4 1.2.3.4 ::1 1 2\\r\\n"`],
    ['PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n', `${lines} "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\\r\\n"`],
    ['PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n', `${lines} "PROXY TCP6 fe80::1%eth0 ::1 1 2\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n', `${lines} "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n', `${lines} "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\r\n', `${lines} "PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', `${lines} "PROXY TCP4 1.2.3.4 5.6.7.8 1\\r\\n"`],
    ['PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n', `${lines} "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\\r\\n"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n', `${lines} "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\\n"`],
    ['PROXY UNKNOWN\rx\r\n', `${lines} "PROXY UNKNOWN\\rx\\r\\n"`],
    ['PROXY \u001b[2J\n', `${lines} "PROXY \\u001b[2J\\n"`],
    [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, 'a line of version 1 has 107 octets at most'],
    [`PROXY ${'x'.repeat(101)}`, 'a line of version 1 has 107 octets at most'],
  ])('version 1, bad: %j', (text, reason) => {
    expect(parse(text)).toEqual({ kind: 'bad', reason });
  });

  it.each([
    ['another version', binaryHeader(0x11, 0x11, v4), 'expected version 2 after the binary signature, got 1'],
    ['another command', binaryHeader(0x22, 0x11, v4), 'expected the command 0 (LOCAL) or 1 (PROXY), got 2'],
    ['another family', binaryHeader(0x21, 0x41, v4), 'expected a family from 0 to 3 and a protocol from 0 to 2, got 4 and 1'],
    ['another protocol', binaryHeader(0x21, 0x13, v4), 'expected a family from 0 to 3 and a protocol from 0 to 2, got 1 and 3'],
    ['too short for IPv4', binaryHeader(0x21, 0x11, v4.subarray(1)), 'two addresses of family 1 take 12 octets, and there are 11'],
    ['too short for IPv6', binaryHeader(0x21, 0x21, v4), 'two addresses of family 2 take 36 octets, and there are 12'],
    ['too long', binaryHeader(0x21, 0x11, v4, 4_081), 'a header of version 2 may have 4096 octets, and this one has 4097'],
  ])('version 2, bad: %s', (_, header, reason) => {
    expect(parseProxyHeader(header)).toEqual({ kind: 'bad', reason });
  });
});

describe('G9: what a PROXY header of version 2 says of TLS', () => {
  const encrypted = (header: Buffer): boolean | undefined => {
    const parsed = parseProxyHeader(header);
    return parsed.kind === 'header' ? parsed.isEncrypted : undefined;
  };
  /** What HAProxy 2.6.12 has sent: with `send-proxy-v2-ssl-cn` for a client by TLS, with `send-proxy-v2-ssl` for one without. */
  const byTls = Buffer.from('0d0a0d0a000d0a515549540a2111001e7f0000017f000001892c480b20000f0100000000210007544c5376312e33', 'hex');
  const without = Buffer.from('0d0a0d0a000d0a515549540a211100147f0000017f0000018e0446a12000050000000000', 'hex');

  it.each<[string, Buffer, boolean]>([
    ['a client by TLS', proxyHeader('203.0.113.7', 1, tlsField(1)), true],
    ['with a certificate', proxyHeader('2001:db8::7', 1, tlsField(7)), true],
    ['a client without TLS', proxyHeader('203.0.113.7', 1, tlsField(0)), false],
    ['a certificate, and no TLS', proxyHeader('203.0.113.7', 1, tlsField(6)), false],
    ['nothing', proxyHeader('203.0.113.7'), false],
    ['another field', proxyHeader('203.0.113.7', 1, field(0x21, Buffer.from([1, 0, 0, 0, 0]))), false],
    ['other fields before it', proxyHeader('203.0.113.7', 1, Buffer.concat([field(0x04, Buffer.alloc(9)), field(0x02, Buffer.from('host')), tlsField(1)])), true],
    ['the field in another one', proxyHeader('203.0.113.7', 1, field(0x04, tlsField(1))), false],
    ['the first of two', proxyHeader('203.0.113.7', 1, Buffer.concat([tlsField(0), tlsField(1)])), false],
    ['a field that is too short', proxyHeader('203.0.113.7', 1, field(0x20, Buffer.from([1, 0, 0, 0]))), false],
    ['a field that is cut off', proxyHeader('203.0.113.7', 1, tlsField(1).subarray(0, -1)), false],
    ['behind a field that is cut off', proxyHeader('203.0.113.7', 1, Buffer.concat([Buffer.from([4, 1, 0]), tlsField(1)])), false],
    ['as HAProxy has said it, by TLS', byTls, true],
    ['as HAProxy has said it, without', without, false],
    ['of a Unix socket', binaryHeader(0x21, 0x31, Buffer.concat([Buffer.alloc(216), tlsField(1)])), true],
    ['of nobody', binaryHeader(0x21, 0x00, tlsField(1)), true],
    ['of a check of its own', binaryHeader(0x20, 0x11, Buffer.concat([v4, tlsField(1)])), false],
  ])('%s', (_, header, expected) => {
    expect(encrypted(header)).toBe(expected);
  });

  it('stands in one of its fields, whichever others there are', () => {
    const other = fc.tuple(fc.integer({ min: 0, max: 255 }).filter((type) => type !== 0x20), fc.uint8Array({ maxLength: 80 })).map(([type, value]) => field(type, value));
    const source = fc.constantFrom('203.0.113.7', '2001:db8::7');
    fc.assert(fc.property(source, fc.array(other, { maxLength: 8 }), fc.array(other, { maxLength: 8 }), fc.option(fc.integer({ min: 0, max: 255 })), (address, before, after, client) => {
      const header = proxyHeader(address, 1, Buffer.concat([...before, ...(client === null ? [] : [tlsField(client)]), ...after]));
      expect(encrypted(header)).toBe(client !== null && client % 2 === 1);
    }));
  });

  it('is never read beyond its end, whatever it is', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (added) => {
      const header = proxyHeader('203.0.113.7', 1, added);
      const parsed = parseProxyHeader(header);
      expect(parsed).toMatchObject({ kind: 'header', length: header.length, source: '203.0.113.7:1' });
      expect(parseProxyHeader(Buffer.concat([header, tlsField(1)]))).toEqual(parsed);
    }));
  });
});
