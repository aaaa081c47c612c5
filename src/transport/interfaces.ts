import { networkInterfaces } from 'node:os';
import { formatHostPort } from './address.js';

/** Where a server listens, as `server.address()` says. */
export interface Bound {
  readonly address: string;
  readonly port: number;
}

/** One IP address of this machine, as `os.networkInterfaces()` lists it. */
export interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/**
 * The `ip:port` under which others reach a server. A server on every interface has one for each of them. Link-local
 * addresses are left out, because they mean something else on every machine; so is loopback, unless there is nothing else.
 */
export function reachableAddresses(bound: Bound, machine: readonly InterfaceAddress[] = ownAddresses()): string[] {
  const { address, port } = bound;
  if (address !== '::' && address !== '0.0.0.0') return [formatHostPort(address, port)];
  const usable = machine.filter(
    (one) => !one.internal && !/^fe[89ab]/i.test(one.address) && (address === '::' || one.family === 'IPv4'),
  );
  const hosts = usable.length > 0 ? usable.map((one) => one.address) : ['127.0.0.1'];
  return hosts.map((host) => formatHostPort(host, port));
}

/** `ip:port` of a peer. IPv4 that came in through an IPv6 socket is written as IPv4. */
export function peerAddress(host: string | undefined, port: number | undefined): string {
  // a socket forgets its peer when it is destroyed, which can happen before anyone asks
  if (host === undefined || port === undefined) return 'unknown';
  return formatHostPort(host.replace(/^::ffff:(?=\d+\.)/i, ''), port);
}

function ownAddresses(): InterfaceAddress[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
}
