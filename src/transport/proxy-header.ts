import { isIP, SocketAddress } from 'node:net';
import { shown } from '../wire/printable.js';
import { peerAddress } from './interfaces.js';

/** What has come so far of a connection, as the beginning of a PROXY header. */
export type ProxyHeader =
  /** It may become one. */
  | { readonly kind: 'more' }
  /** It can't become one. */
  | { readonly kind: 'none' }
  /** It began as one. */
  | { readonly kind: 'bad'; readonly reason: string }
  /**
   * One of so many octets. `source`: from where the proxy has the connection, as `ip:port`; undefined: it doesn't say, or the connection is
   * its own. `isEncrypted`: it says that whoever has connected with it did so by TLS, which it has ended.
   */
  | { readonly kind: 'header'; readonly length: number; readonly source: string | undefined; readonly isEncrypted: boolean };

/** A line of version 1, its CR LF included; fixed by the protocol. */
const LONGEST_LINE = 107;
/** A header of version 2: addresses take 36 octets of TCP and 216 of Unix sockets, and proxies add some of their own. */
const LONGEST_BINARY = 4_096;

const WORD = Buffer.from('PROXY ');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const BEFORE_ADDRESSES = 16;
/** Octets of both addresses, of families 1 to 3. */
const ADDRESSES: Readonly<Record<number, number>> = { 1: 12, 2: 36, 3: 216 };
const BEFORE_VALUE = 3;
/** PP2_TYPE_SSL: one octet with PP2_CLIENT_SSL in it, and four more. */
const TLS_FIELD = 0x20;
const SMALLEST_TLS_FIELD = 5;
const BY_TLS = 1;

const MORE: ProxyHeader = { kind: 'more' };
const bad = (reason: string): ProxyHeader => ({ kind: 'bad', reason });

/**
 * Reads a header of the PROXY protocol of HAProxy, version 1 (text) or 2 (binary), and what that says of TLS. Give it all that has come so far, until it asks for no
 * `more`: that is at most 4,096 octets.
 */
export function parseProxyHeader(octets: Buffer): ProxyHeader {
  if (begins(octets, WORD)) return octets.length < WORD.length ? MORE : parseLine(octets);
  if (begins(octets, SIGNATURE)) return octets.length < BEFORE_ADDRESSES ? MORE : parseBinary(octets);
  return { kind: 'none' };
}

/** One of them is the beginning of the other. */
function begins(octets: Buffer, wanted: Buffer): boolean {
  const common = Math.min(octets.length, wanted.length);
  return octets.subarray(0, common).equals(wanted.subarray(0, common));
}

function parseLine(octets: Buffer): ProxyHeader {
  const end = octets.subarray(0, LONGEST_LINE).indexOf('\n');
  if (end < 0) return octets.length < LONGEST_LINE ? MORE : bad(`a line of version 1 has ${LONGEST_LINE} octets at most`);
  const line = octets.toString('latin1', 0, end + 1);
  const wrong = bad(`expected PROXY TCP4, TCP6 or UNKNOWN, then two addresses and two ports, got ${shown(line)}`);
  if (/^PROXY UNKNOWN( [^\r]*)?\r\n$/.test(line)) return { kind: 'header', length: end + 1, source: undefined, isEncrypted: false };
  const [, version, source = '', destination = '', ...ports] = /^PROXY TCP([46]) ([\da-fA-F:.]+) ([\da-fA-F:.]+) (\d{1,5}) (\d{1,5})\r\n$/.exec(line) ?? [];
  const isRight = [source, destination].every((address) => isIP(address) === Number(version)) && ports.every((port) => Number(port) <= 65_535);
  return isRight ? { kind: 'header', length: end + 1, source: sourceOf(source, Number(ports[0])), isEncrypted: false } : wrong;
}

/** What stands after the signature: version and command, family and protocol, length. */
function parseBinary(octets: Buffer): ProxyHeader {
  const version = octets.readUInt8(12) >> 4;
  const command = octets.readUInt8(12) & 15;
  const family = octets.readUInt8(13) >> 4;
  const protocol = octets.readUInt8(13) & 15;
  const length = BEFORE_ADDRESSES + octets.readUInt16BE(14);
  if (version !== 2) return bad(`expected version 2 after the binary signature, got ${version}`);
  if (command > 1) return bad(`expected the command 0 (LOCAL) or 1 (PROXY), got ${command}`);
  if (family > 3 || protocol > 2) return bad(`expected a family from 0 to 3 and a protocol from 0 to 2, got ${family} and ${protocol}`);
  if (length > LONGEST_BINARY) return bad(`a header of version 2 may have ${LONGEST_BINARY} octets, and this one has ${length}`);
  // of a check of its own the proxy names nobody; nor are Unix sockets and datagrams anybody's address here
  const isPassedOn = command === 1;
  const size = isPassedOn && protocol === 1 ? ({ 1: 4, 2: 16 }[family] ?? 0) : 0;
  const addresses = size === 0 ? 0 : 2 * (size + 2);
  if (length < BEFORE_ADDRESSES + addresses) return bad(`two addresses of family ${family} take ${addresses} octets, and there are ${length - BEFORE_ADDRESSES}`);
  if (octets.length < length) return MORE;
  const added = octets.subarray(BEFORE_ADDRESSES + (ADDRESSES[family] ?? 0), length);
  const isEncrypted = isPassedOn && saysEncrypted(added);
  if (size === 0) return { kind: 'header', length, source: undefined, isEncrypted };
  const host = octets.subarray(BEFORE_ADDRESSES, BEFORE_ADDRESSES + size);
  return { kind: 'header', length, source: sourceOf(size === 4 ? host.join('.') : groups(host), octets.readUInt16BE(BEFORE_ADDRESSES + 2 * size)), isEncrypted };
}

/** What a proxy adds: fields of a type (one octet), a length (two) and a value. What is cut off says nothing. */
function saysEncrypted(added: Buffer): boolean {
  for (let at = 0; at + BEFORE_VALUE <= added.length;) {
    const end = at + BEFORE_VALUE + added.readUInt16BE(at + 1);
    const value = added.subarray(at + BEFORE_VALUE, end);
    if (end > added.length) return false;
    // what the client has used, whether its certificate is good, and fields for people
    if (added.readUInt8(at) === TLS_FIELD) return value.length >= SMALLEST_TLS_FIELD && (value.readUInt8(0) & BY_TLS) !== 0;
    at = end;
  }
  return false;
}

const groups = (host: Buffer): string => host.toString('hex').replace(/(....)(?=.)/g, '$1:');

/** Each address is written in one way, whichever the proxy has. */
function sourceOf(address: string, port: number): string {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return peerAddress(new SocketAddress({ address, family }).address, port);
}
