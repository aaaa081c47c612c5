import type { Clock } from '../env/clock.js';
import type { Lookup } from './address.js';

/** Options of `tcpTransport`. */
export interface TcpOptions {
  readonly clock?: Clock;
  /** How long a closed connection may make no progress before it is destroyed, in ms; default 5,000. */
  readonly closeTime?: number;
  /**
   * Gives all IP addresses of a host name that is a seed. Default: what the system says.
   *
   * @example tcpTransport({ lookup: (host) => consul.addressesOf(host) })
   */
  readonly lookup?: Lookup;
}
