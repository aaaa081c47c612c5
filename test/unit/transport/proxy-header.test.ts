import { describe, expect, it } from 'vitest';
import { parseProxyHeader } from '../../../src/transport/proxy-header.js';
import { addressesOf, binaryHeader, proxyHeader, textHeader } from '../../fixtures/proxy-headers.js';

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
    expect(parseProxyHeader(header)).toEqual({ kind: 'header', length: header.length, source });
    expect(parseProxyHeader(Buffer.concat([header, rest]))).toEqual({ kind: 'header', length: header.length, source });
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
