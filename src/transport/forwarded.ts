import { BlockList, isIP } from 'node:net';
import type { TrustProxy } from './websocket-settings.js';

/** Whose `X-Forwarded-*` headers are believed. */
export interface Proxies {
  /** Who has connected is a proxy. */
  includes(address: string | undefined): boolean;
  /** So is an address that a proxy names: it has the request from there. */
  isHop(address: string): boolean;
}

/** What counts of an HTTP request; types of Node.js must not get into those that browsers see. */
interface Asked {
  readonly headers: { readonly host?: string | undefined } & Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** A request as the visitor has made it. */
export interface Forwarded {
  /** The host that was asked for. */
  readonly host: string | undefined;
  /** The visitor's way is encrypted, up to the proxy. */
  readonly secure: boolean;
  /** The visitor's IP address, in brackets if it is of IPv6; undefined: he has connected himself, or the proxy does not say. */
  readonly address: string | undefined;
}

/** Reads the option `trustProxy`. Throws TypeError for what is no address and no network. */
export function readTrustProxy(option: TrustProxy | undefined): Proxies {
  if (option === undefined || typeof option === 'boolean') return { includes: () => option === true, isHop: () => false };
  const list = new BlockList();
  for (const entry of [option].flat() as unknown[]) add(list, entry);
  const includes = (address: string | undefined): boolean => {
    const plain = plainAddress(address ?? '');
    return isIP(plain) > 0 && list.check(plain, familyOf(plain));
  };
  return { includes, isHop: includes };
}

/** Where the PROXY protocol names who has connected, he may be a proxy too; where it does not, nobody knows who he is. */
export const proxiesBehind = ({ isHop }: Proxies): Proxies => ({ includes: (address) => address !== undefined && isHop(address), isHop });

/** Throws TypeError for a PROXY protocol of nobody. */
export function checkProxyProtocol(proxyProtocol: boolean, trustProxy: TrustProxy | undefined): void {
  if (!proxyProtocol || (trustProxy ?? false) !== false) return;
  throw new TypeError('the option "proxyProtocol" needs "trustProxy", the addresses of the proxies: trustProxy: [\'10.0.0.5\']');
}

/** What a request from a proxy says of the visitor; of each header what the nearest proxy has written, the last entry. */
export function forwardedOf({ headers, socket }: Asked, proxies: Proxies): Forwarded {
  if (!proxies.includes(socket.remoteAddress)) return { host: headers.host, secure: false, address: undefined };
  const proto = entries(headers['x-forwarded-proto']).pop()?.toLowerCase();
  return {
    host: entries(headers['x-forwarded-host']).pop() ?? headers.host,
    secure: proto === 'https' || proto === 'wss',
    address: visitorOf(entries(headers['x-forwarded-for']), proxies),
  };
}

/** The last entry that is no proxy: who has written those before it is not known. Where all are proxies, the first of them. */
function visitorOf(hops: string[], proxies: Proxies): string | undefined {
  let visitor: string | undefined;
  for (const hop of hops.reverse()) {
    const address = plainAddress(hop);
    if (isIP(address) === 0) break;
    visitor = address;
    if (!proxies.isHop(address)) break;
  }
  return visitor === undefined || isIP(visitor) === 4 ? visitor : `[${visitor}]`;
}

/** The entries of a list in a header. */
function entries(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().join(',').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** An IP address without the port, brackets and zone that some proxies write; IPv4 in IPv6 as IPv4. */
function plainAddress(text: string): string {
  return text
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

function add(list: BlockList, entry: unknown): void {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(typeof entry === 'string' ? entry : '') ?? [];
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (Number(bits ?? 0) > most) {
    throw new TypeError(`trustProxy has ${JSON.stringify(entry)}: expected true, or a list of IP addresses and networks: ['127.0.0.1', '10.0.0.0/8']`);
  }
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
}
