import type { Clock } from '../env/clock.js';
import type { Lookup } from './address.js';
import type { TrustProxy } from './websocket-settings.js';

/** Options of `tcpTransport`. */
export interface TcpOptions {
  readonly clock?: Clock;
  /** How long a closed connection may make no progress before it is destroyed, in ms; default 5,000. */
  readonly closeTime?: number;
  /**
   * The proxies in front of a listener, such as HAProxy or a load balancer of the cloud, by IP address or network (`10.0.0.0/8`); true:
   * everybody who connects is one. With `proxyProtocol` only: TCP has no other way to say whom a proxy brings. Throws TypeError for what is
   * no address.
   */
  readonly trustProxy?: TrustProxy | undefined;
  /**
   * The proxies of `trustProxy` speak the PROXY protocol of HAProxy (version 1 or 2): each of their connections has to begin with its header,
   * within `limits.handshakeTime`, and the address in it is the one that limits count, and `remoteAddress`. A header of a check (LOCAL), or that
   * names nobody (UNKNOWN), leaves the proxy's own address. A connection of anybody else that begins with a header is ended. Others are let in
   * without. Default: false. Throws TypeError without `trustProxy`.
   *
   * @example
   * ```ts
   * import { createNode, tcpTransport } from 'rxmp';
   *
   * const transports = [tcpTransport({ trustProxy: ['10.0.0.0/16'], proxyProtocol: true })];
   * const node = await createNode({ binds: ['127.0.0.1:0'], secret: 'of this example', transports });
   * console.log(node.addresses.length); // 1
   * await node.close();
   * ```
   */
  readonly proxyProtocol?: boolean | undefined;
  /**
   * Gives all IP addresses of a host name that is a seed. Default: what the system says.
   *
   * @example tcpTransport({ lookup: (host) => consul.addressesOf(host) })
   */
  readonly lookup?: Lookup;
}
