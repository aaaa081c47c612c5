import type { Clock } from '../env/clock.js';
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
  /** How long a closed connection may make no progress before it is terminated, in ms; default 5,000. */
  readonly closeTime?: number;
  /** How long a client may take to send its HTTP request to a listener, in ms; default `limits.handshakeTime`. */
  readonly requestTime?: number;
  /**
   * For `wss://`: the certificate of listeners, and CAs that connecting accepts besides those that Node.js knows. Clients
   * need no certificate: the nodes authenticate each other inside. PEM texts; default: those of the node.
   */
  readonly tls?: TlsOptions | Credentials | undefined;
}

/** Options with their defaults. */
export type WebSocketSettings = Required<Omit<WebSocketOptions, 'origins' | 'tls'>> & Pick<WebSocketOptions, 'origins'> & {
  readonly tls: Credentials | undefined;
  /** Hears of a page that was refused for its origin. */
  readonly refused?: ((remoteAddress: string, origin: string, host: string) => void) | undefined;
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
