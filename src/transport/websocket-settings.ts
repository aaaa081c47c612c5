import type { Clock } from '../env/clock.js';
import type { Lookup } from './address.js';
import type { Proxies } from './forwarded.js';
import type { Credentials, TlsOptions } from './tls-credentials.js';

/** Options of {@link webSocketTransport}. */
export interface WebSocketOptions {
  readonly clock?: Clock;
  /** The longest frame that is accepted, in octets; a longer one ends the connection. Default `limits.messageSize`. */
  readonly maxPayload?: number;
  /**
   * Origins whose pages may connect to a listener, as browsers write them (`https://chat.example`); `*` is any. Default:
   * a request that has an `Origin` header is refused unless the origin's host is the request's `Host`.
   */
  readonly origins?: readonly string[];
  /**
   * The reverse proxies in front of a listener, by IP address or network (`10.0.0.0/8`); true: everybody who connects is one, for
   * listeners that only the proxy can reach. Their headers are believed: `X-Forwarded-Host` is the host that `Origin` is compared with,
   * `X-Forwarded-For` the address that limits count (the last that is no proxy), and with `X-Forwarded-Proto: https` the connection
   * counts as encrypted. Of all others these headers mean nothing. Default: nobody. Throws TypeError for what is no address.
   *
   * @example
   * ```ts
   * import { createNode, webSocketTransport } from 'rxmp';
   *
   * const transports = [webSocketTransport({ trustProxy: ['127.0.0.1'] })];
   * const node = await createNode({ binds: ['ws://127.0.0.1:0/mp'], secret: 'of this example', transports });
   * console.log(node.addresses.length); // 1
   * await node.close();
   * ```
   */
  readonly trustProxy?: TrustProxy | undefined;
  /**
   * The proxies of `trustProxy` speak the PROXY protocol of HAProxy (version 1 or 2): each of their connections has to begin with its header,
   * before TLS and HTTP, and its address is the one that limits count. A connection of anybody else that begins with one is ended.
   * `X-Forwarded-*` headers are believed then if the address that the header names is in `trustProxy`, too. A header of a check (LOCAL), or that
   * names nobody (UNKNOWN), leaves the proxy's own address. Default: false. Throws TypeError without `trustProxy`, and with `server`.
   *
   * @example
   * ```ts
   * import { createNode, webSocketTransport } from 'rxmp';
   *
   * const transports = [webSocketTransport({ trustProxy: ['10.0.0.0/16'], proxyProtocol: true })];
   * const node = await createNode({ binds: ['ws://127.0.0.1:0/mp'], secret: 'of this example', transports });
   * console.log(node.addresses.length); // 1
   * await node.close();
   * ```
   */
  readonly proxyProtocol?: boolean | undefined;
  /**
   * A server of `node:http` or `node:https` that is there already, to listen on in place of one of our own (G11): what `app.listen()` of Express
   * gives, `fastify.server`, `app.getHttpServer()` of Nest. A bind names the path, `ws://server/mp`, or `wss://server/mp` of a server with
   * TLS: host and port are those of the server, so that they can't contradict it. Only requests for a WebSocket at that path are taken; if nobody else
   * listens for `upgrade`, those for other paths get 404.
   *
   * The server may begin to listen later: `node.addresses` is empty until then. Closing the node leaves the server as it is. A server that
   * is closed waits for all connections, those of the node too, so close the node first, or at the same time. The server's own `headersTimeout` counts
   * in place of `requestTime`.
   *
   * @example
   * ```ts
   * import { createServer } from 'node:http';
   * import { createNode, webSocketTransport } from 'rxmp';
   *
   * const server = createServer((_request, response) => response.end('a page'));
   * const node = await createNode({ binds: ['ws://server/mp'], secret: 'hF3k9Qz7LmW2xVb8TnR4cYp6', transports: [webSocketTransport({ server })] });
   * await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => { resolve(); }));
   * console.log(node.addresses.length); // 1
   * await node.close();
   * server.close();
   * ```
   */
  readonly server?: HttpServer | undefined;
  /** How long a closed connection may make no progress before it is terminated, in ms; default 5,000. */
  readonly closeTime?: number;
  /** How long a client may take to send its HTTP request to a listener, in ms; default `limits.handshakeTime`. */
  readonly requestTime?: number;
  /**
   * For `wss://`: the certificate of listeners, and CAs that connecting accepts besides those that Node.js knows. Clients
   * need no certificate: the nodes authenticate each other inside. PEM texts; default: those of the node.
   */
  readonly tls?: TlsOptions | Credentials | undefined;
  /** Gives all IP addresses of a host name that is a seed; not used in browsers. Default: what the system says. */
  readonly lookup?: Lookup;
}

/** What a server of `node:http` has; its own type must not get into those that browsers see. */
export interface HttpServer {
  readonly listening: boolean;
  address(): object | string | null;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** Addresses and networks, or everybody. */
export type TrustProxy = boolean | readonly string[];

/** A page that was refused for its origin. */
export interface RefusedPage {
  readonly remoteAddress: string;
  readonly origin: string;
  /** That was asked for, as far as is known. */
  readonly host: string;
  /** The option; without it the origin was compared with the host. */
  readonly origins: readonly string[] | undefined;
  /** The host that would have let it in, in a header of somebody who is not trusted. */
  readonly claimedHost: string | undefined;
}

/** Options with their defaults. */
export type WebSocketSettings = Required<Omit<WebSocketOptions, 'origins' | 'server' | 'tls' | 'trustProxy' | 'proxyProtocol' | 'lookup'>> & Pick<WebSocketOptions, 'origins' | 'server'> & {
  readonly tls: Credentials | undefined;
  readonly proxies: Proxies;
  readonly proxyProtocol: boolean;
  readonly refused?: ((page: RefusedPage) => void) | undefined;
};

/**
 * What both the server and the client side tell ws. The types do not know `closeTimeout` yet, nor TLS options of a client.
 * `secureContext` is one of `node:tls`, which browsers have no types of.
 */
export function socketOptions({ maxPayload, closeTime }: WebSocketSettings, secureContext?: object): object {
  const tls = secureContext === undefined ? {} : { secureContext };
  return { perMessageDeflate: false, maxPayload, maxFragments: MOST_FRAGMENTS, maxBufferedChunks: MOST_CHUNKS, closeTimeout: closeTime, ...tls };
}

/**
 * Frames that one message may come in: each costs some 130 octets, however short it is. Chromium cuts what a page sends into
 * frames of 64 kB and more, so a message of `limits.messageSize` has half as many.
 */
const MOST_FRAGMENTS = 2_048;

/** Pieces that a frame may come in, as the network cuts it: a message of `limits.messageSize` in the smallest usual packets has two thirds of that. */
const MOST_CHUNKS = 65_536;
