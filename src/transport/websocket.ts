import type { IncomingMessage } from 'node:http';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Observable, throwError } from 'rxjs';
import { WebSocket } from 'ws';
import { realClock } from '../env/clock.js';
import { defaultLimits } from '../env/limits.js';
import { BadAddress } from '../wire/errors.js';
import { formatHostPort, type Address } from './address.js';
import type { Duplex, Transport } from './duplex.js';
import { connectFailure } from './failure.js';
import { webSocketDuplex } from './websocket-duplex.js';
import { listen } from './websocket-server.js';
import { socketOptions, type WebSocketOptions, type WebSocketSettings } from './websocket-settings.js';

export type { WebSocketOptions } from './websocket-settings.js';

/**
 * WebSocket: `ws://host:port/path` and `wss://`, without compression. Text is a text frame and octets are a binary
 * frame, one per `write`, and so they arrive.
 *
 * A bind with a path serves that path only, one without a path serves them all. With `wss` the client checks the listener's
 * certificate as browsers do, host name included.
 */
export function webSocketTransport(options: WebSocketOptions = {}): Transport {
  const settings: WebSocketSettings = {
    clock: realClock,
    maxPayload: defaultLimits.messageSize,
    closeTime: 5_000,
    requestTime: defaultLimits.handshakeTime,
    ...options,
  };
  // made once, and only where it is needed: to read all of the CAs that Node.js knows takes a tenth of a second and more
  let context: SecureContext | undefined;
  const contextOf = (): SecureContext | undefined => {
    if (settings.tls !== undefined) context ??= createSecureContext({ ca: [...rootCertificates, ...settings.tls.ca] });
    return context;
  };
  return {
    schemes: ['ws', 'wss'],
    listen: (bind) =>
      bind.scheme === 'wss' && settings.tls?.own === undefined
        ? throwError(() => needsCertificate(bind))
        : listen(bind, settings),
    connect: (address) => connect(address, settings, address.scheme === 'wss' ? contextOf() : undefined),
  };
}

function needsCertificate(bind: Address): BadAddress {
  return new BadAddress(
    `cannot listen on ${bind.text}: wss needs a certificate: give the option "tls" or "cert", or listen on ws:// behind a TLS proxy`,
  );
}

function connect(address: Address, settings: WebSocketSettings, secureContext: SecureContext | undefined): Observable<Duplex> {
  return new Observable((subscriber) => {
    const path = address.path.startsWith('?') ? `/${address.path}` : address.path;
    const url = `${address.scheme}://${formatHostPort(address.host, address.port)}${path}`;
    if (!URL.canParse(url) || url.includes('#')) {
      throw new BadAddress(`cannot connect to ${address.text}: expected ws://host:port/path`);
    }
    const ws = new WebSocket(url, socketOptions(settings, secureContext));
    let socket: IncomingMessage['socket'] | undefined;
    let pending = true;
    const fail = (cause: unknown): void => {
      if (pending) subscriber.error(connectFailure(address, cause));
    };
    ws.on('error', fail);
    ws.once('unexpected-response', (_request, response) => {
      fail(`the server answered HTTP ${response.statusCode} instead of opening a WebSocket`);
    });
    ws.once('upgrade', (response) => {
      socket = response.socket;
    });
    ws.once('open', () => {
      pending = false;
      subscriber.next(webSocketDuplex(ws, address, socket, settings));
      subscriber.complete();
    });
    return () => {
      if (pending) ws.terminate();
    };
  });
}
