import type { IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { BadAddress } from '../wire/errors.js';
import { formatHostPort, type Address } from './address.js';
import type { Duplex } from './duplex.js';
import { connectFailure } from './failure.js';
import { webSocketDuplex } from './websocket-duplex.js';
import { socketOptions, type WebSocketSettings } from './websocket-settings.js';

/** Connects to a WebSocket listener; `secureContext` holds whom to trust, for `wss`. */
export function connect(address: Address, settings: WebSocketSettings, secureContext: SecureContext | undefined): Observable<Duplex> {
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
