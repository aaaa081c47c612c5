import { ipv6Groups } from './ipv6.js';

/** How many of the eight groups of an IPv6 address name a network: the rest is for one customer to choose. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one address: the host without its port, of IPv6 the first 64 bits, of anything else (`memory://a`) all.
 *
 * @example placeOf('[2001:db8::5:6]:4040'); // '2001:db8:0:0::/64'
 */
export function placeOf(remoteAddress: string): string {
  const [, v6] = /^\[([0-9a-f:.]+)(?:%.*)?\](?::\d+)?$/i.exec(remoteAddress) ?? [];
  const groups = v6 === undefined ? undefined : ipv6Groups(v6);
  if (groups === undefined) return remoteAddress.replace(/:\d+$/, '');
  return `${groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16)).join(':')}::/64`;
}
