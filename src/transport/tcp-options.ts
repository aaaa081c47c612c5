import type { Clock } from '../env/clock.js';

/** Options of `tcpTransport`. */
export interface TcpOptions {
  readonly clock?: Clock;
  /** How long a closed connection may make no progress before it is destroyed, in ms; default 5,000. */
  readonly closeTime?: number;
}
