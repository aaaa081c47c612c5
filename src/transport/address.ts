import { BadAddress } from '../wire/errors.js';

/** An address, parsed. Without a scheme it is TCP. */
export interface Address {
  readonly scheme: string;
  /** Host name or IP address without brackets; `*` for every address of this machine; a name for `memory://`. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** For URLs: path and query, with the leading slash. */
  readonly path: string;
  /** Where the host is, once its name was looked up: connections go there, and certificates are still those of the name. */
  readonly ip?: string;
  /** As it was written; with `ip`, the same with that in place of the name. */
  readonly text: string;
}

/** Looks a host name up: gives all IP addresses that it has now, or rejects. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** The port that AnyEvent::MP uses where an address names none. */
const DEFAULT_PORT = 4040;
const URL_FORM = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/;
const HOST_PORT = /^(?:\[([0-9a-fA-F]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}|\*))?$/;

/** `via:relay1,relay2#node`: through one of these relays to the node, which is the path. */
const VIA_FORM = /^via:([A-Za-z0-9_\-.:/,]+)#([A-Za-z0-9_\-.:/]+)$/;

/** Reads `host:port`, `*:port`, `*`, `[::1]:4040`, `ws://host:port/path`, `memory://name`; throws {@link BadAddress}. */
export function parseAddress(text: string): Address {
  const [, relays, node] = VIA_FORM.exec(text) ?? [];
  if (relays !== undefined && node !== undefined) return { scheme: 'via', host: relays, port: 0, path: node, text };
  const [, scheme = 'tcp', rest = text] = URL_FORM.exec(text) ?? [];
  const slash = scheme === 'tcp' ? -1 : rest.search(/[/?]/);
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const [, v6, name, digits] = HOST_PORT.exec(authority) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? defaultPort(scheme, host) : digits === '*' ? 0 : Number(digits);
  if (host === undefined || port > 65535) {
    throw new BadAddress(
      `"${text}" is no address: expected host:port, *:port, [::1]:port, ws://host:port or memory://name`,
    );
  }
  return { scheme, host, port, path: slash < 0 ? '' : rest.slice(slash), text };
}

function defaultPort(scheme: string, host: string | undefined): number {
  if (scheme === 'ws') return 80;
  if (scheme === 'wss') return 443;
  return host === '*' ? 0 : DEFAULT_PORT;
}

/** How the other end of a connection through a relay is called. */
export const viaAddress = (relay: string): string => `via:${relay}`;

/** The relay in what {@link viaAddress} has made. */
export const relayIn = (address: string): string => address.slice('via:'.length);

/** Whether an address goes through a relay. */
export const isVia = (address: string): boolean => address.startsWith('via:');

/** Whether the other end of a connection is at a port that was attached, by what it is called (V18). */
export const isAttached = (address: string): boolean => /^(port|worker):/.test(address);

/** The address with its host name looked up. */
export function addressAt(address: Address, ip: string): Address {
  const { scheme, port, path } = address;
  return { ...address, ip, text: `${scheme === 'tcp' ? '' : `${scheme}://`}${formatHostPort(ip, port)}${path}` };
}

/** `host:port` with the brackets that an IPv6 address needs. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
