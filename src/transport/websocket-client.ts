import type { IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import type { Address } from './address.js';
import type { Duplex } from './duplex.js';
import { connectFailure } from './failure.js';
import { peerAddress } from './interfaces.js';
import { alreadyFound } from './lookup.js';
import { webSocketDuplex } from './websocket-duplex.js';
import { socketOptions, type WebSocketSettings } from './websocket-settings.js';
import { webSocketUrl } from './websocket-url.js';

/** Connects to a WebSocket listener; `secureContext` holds whom to trust, for `wss`. */
export function connect(address: Address, settings: WebSocketSettings, secureContext: SecureContext | undefined): Observable<Duplex> {
  return new Observable((subscriber) => {
    const { ip } = address;
    // the URL has the name, for the certificate and for who serves several names
    const lookup = ip === undefined ? {} : { lookup: alreadyFound(ip) };
    const ws = new WebSocket(webSocketUrl(address), { ...socketOptions(settings, secureContext), ...lookup });
    let socket: IncomingMessage['socket'] | undefined;
    let pending = true;
    const fail = (cause: unknown, refusesOrigin = false): void => {
      if (pending) subscriber.error(connectFailure(address, cause, refusesOrigin));
    };
    ws.on('error', (error) => { fail(error); });
    ws.once('unexpected-response', (_request, response) => {
      fail(`the server answered HTTP ${response.statusCode} instead of opening a WebSocket`, response.statusCode === 403);
    });
    ws.once('upgrade', (response) => {
      // Bun has none
      socket = response.socket ?? undefined;
    });
    ws.once('open', () => {
      pending = false;
      const remoteAddress = socket === undefined ? address.text : peerAddress(socket.remoteAddress, socket.remotePort);
      subscriber.next(webSocketDuplex(ws, { socket, remoteAddress, secure: address.scheme === 'wss' }, settings));
      subscriber.complete();
    });
    return () => {
      if (pending) ws.terminate();
    };
  });
}
