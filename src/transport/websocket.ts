import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { defer, switchMap, throwError } from 'rxjs';
import { realClock } from '../env/clock.js';
import { defaultLimits } from '../env/limits.js';
import { checkTime } from '../env/time.js';
import { BadAddress } from '../wire/errors.js';
import type { Address } from './address.js';
import type { Transport } from './duplex.js';
import { checkProxyProtocol, readTrustProxy } from './forwarded.js';
import { resolveHost, systemLookup } from './lookup.js';
import { adoptable } from './node-transports.js';
import { createRefusedPages } from './refused-pages.js';
import { readTls } from './tls-credentials.js';
import type { WebSocketOptions, WebSocketSettings } from './websocket-settings.js';

export type { WebSocketOptions } from './websocket-settings.js';

/**
 * WebSocket: `ws://host:port/path` and `wss://`, without compression. Text is a text frame and octets are a binary
 * frame, one per `write`, and so they arrive.
 *
 * A bind with a path serves that path only, one without a path serves them all. With the option `server` it is one path of a server that is
 * there already: `ws://server/mp`. With `wss` the client checks the listener's
 * certificate as browsers do, host name included.
 *
 * What it needs is loaded with the first connection: it would be a quarter of the start of a node without WebSockets.
 */
export function webSocketTransport(options: WebSocketOptions = {}): Transport {
  return transportOf(options, undefined);
}

function transportOf(options: WebSocketOptions, refused: WebSocketSettings['refused']): Transport {
  const { lookup = systemLookup, proxyProtocol = false } = options;
  checkProxyProtocol(proxyProtocol, options.trustProxy);
  if (proxyProtocol && options.server !== undefined) {
    throw new TypeError('the options "proxyProtocol" and "server" exclude each other: what begins a connection is read by that server');
  }
  const settings: WebSocketSettings = {
    clock: realClock,
    maxPayload: defaultLimits.messageSize,
    closeTime: 5_000,
    requestTime: defaultLimits.handshakeTime,
    ...options,
    tls: readTls(options.tls),
    proxies: readTrustProxy(options.trustProxy),
    proxyProtocol,
    refused,
  };
  checkTime('closeTime', settings.closeTime);
  checkTime('requestTime', settings.requestTime);
  // made once, and only where it is needed: to read all of the CAs that Node.js knows takes a tenth of a second and more
  let context: SecureContext | undefined;
  const contextOf = (): SecureContext | undefined => {
    if (settings.tls !== undefined) context ??= createSecureContext({ ca: [...rootCertificates, ...settings.tls.ca] });
    return context;
  };
  const transport: Transport = {
    schemes: ['ws', 'wss'],
    listen: (bind, reception) =>
      bind.scheme === 'wss' && settings.tls?.own === undefined && settings.server === undefined
        ? throwError(() => needsCertificate(bind))
        : defer(() => import('./websocket-server.js')).pipe(switchMap(({ listen }) => listen(bind, settings, reception))),
    connect: (address) =>
      defer(() => import('./websocket-client.js')).pipe(
        switchMap(({ connect }) => connect(address, settings, address.scheme === 'wss' ? contextOf() : undefined)),
      ),
    resolve: (address) => resolveHost(address, lookup),
  };
  return adoptable(transport, (node) => {
    const { clock, limits, tls } = node;
    const own = { clock, maxPayload: limits.messageSize, requestTime: limits.handshakeTime, ...options };
    return transportOf({ ...own, tls: options.tls ?? tls }, createRefusedPages(node));
  });
}

function needsCertificate(bind: Address): BadAddress {
  return new BadAddress(
    `cannot listen on ${bind.text}: wss needs a certificate: give the option "tls" or "cert", or listen on ws:// behind a TLS proxy`,
  );
}
