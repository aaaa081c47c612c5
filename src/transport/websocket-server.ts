import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex as Stream } from 'node:stream';
import { Observable } from 'rxjs';
import { WebSocketServer } from 'ws';
import type { Address } from './address.js';
import { createDoor } from './door.js';
import type { ListenEvent, Reception } from './duplex.js';
import { peerAddress } from './interfaces.js';
import { readTrustProxy, forwardedOf } from './forwarded.js';
import { originAllowed } from './origin.js';
import { createPacer, HANDSHAKE_PAUSE } from './pacer.js';
import { placeOf } from './place.js';
import { serve } from './tcp.js';
import { webSocketDuplex } from './websocket-duplex.js';
import { createVisitors } from './websocket-visitors.js';
import { socketOptions, type WebSocketSettings } from './websocket-settings.js';

/** Listens for WebSocket connections. */
export function listen(bind: Address, settings: WebSocketSettings, reception?: Reception): Observable<ListenEvent> {
  return new Observable((subscriber) => {
    const path = bind.path.replace(/\?.*$/s, '');
    const serves = (request: IncomingMessage): boolean =>
      path === '' || request.url?.replace(/\?.*$/s, '') === path;
    const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions(settings) });
    const server = createHttpServer(bind, settings, (request, response) => {
      if (serves(request)) answer(response, 426, `This is a WebSocket address: connect with ${bind.scheme}://`);
      else answer(response, 404, 'Nothing is served here');
    });
    const visitors = createVisitors(settings, createDoor(server, reception));
    const begin = bind.scheme === 'wss' ? pacedHandshakes(server, settings) : undefined;
    server.on('connection', (socket: Socket) => {
      if (visitors.arrived(socket)) begin?.(socket);
    });
    server.on('upgrade', (request, stream, head) => {
      if (!serves(request)) {
        refuse(stream, '404 Not Found', 'Nothing is served here');
        return;
      }
      const { headers: { origin }, socket } = request;
      const forwarded = forwardedOf(request, settings.proxies);
      const remoteAddress = forwarded.address ?? peerAddress(socket.remoteAddress, socket.remotePort);
      if (!originAllowed(origin, forwarded.host, settings.origins)) {
        const { origins } = settings;
        settings.refused?.({ remoteAddress, origin: origin ?? '', host: forwarded.host ?? '', origins, claimedHost: claimedHost(request, origins) });
        refuse(stream, '403 Forbidden', `Pages of ${origin} may not connect here`);
      } else if (!visitors.named(socket, remoteAddress)) {
        refuse(stream, '429 Too Many Requests', `There are too many connections of ${remoteAddress}`);
      } else {
        upgrader.handleUpgrade(request, stream, head, (ws) => {
          const duplex = webSocketDuplex(ws, { socket, remoteAddress, secure: bind.scheme === 'wss' || forwarded.secure }, settings);
          subscriber.next({ kind: 'connection', duplex, leave: visitors.upgraded(socket) });
        });
      }
    });
    serve(server, bind, (hostPort) => `${bind.scheme}://${hostPort}${path}`, subscriber, reception);
    // requests that are under way have no connection yet that could live on
    subscriber.add(() => {
      server.closeAllConnections();
    });
  });
}

/** The host that somebody who is not trusted says was asked for, if that would let the page in. */
function claimedHost(request: IncomingMessage, origins: WebSocketSettings['origins']): string | undefined {
  const { host } = forwardedOf(request, readTrustProxy(true));
  return originAllowed(request.headers.origin, host, origins) ? host : undefined;
}

function createHttpServer({ scheme }: Address, { requestTime, tls }: WebSocketSettings, answerTo: RequestListener): Server {
  const times = { headersTimeout: requestTime, requestTimeout: requestTime, connectionsCheckingInterval: requestTime / 10 };
  if (scheme !== 'wss') return createServer(times, answerTo);
  return createSecureServer({ ...times, ...tls?.own, handshakeTimeout: requestTime, minVersion: 'TLSv1.2' }, answerTo);
}

/**
 * TLS handshakes that begin one after the other, addresses in turn: each takes the processor for a millisecond or two. Takes the
 * place of what the server does with a connection by itself.
 */
function pacedHandshakes(server: Server, { clock }: Pick<WebSocketSettings, 'clock'>): (socket: Socket) => void {
  const pacer = createPacer(clock, HANDSHAKE_PAUSE);
  const handshakes = server.listeners('connection');
  server.removeAllListeners('connection');
  return (socket) => {
    const cancel = pacer.enter(placeOf(peerAddress(socket.remoteAddress, socket.remotePort)), () => {
      for (const begin of handshakes) Reflect.apply(begin, server, [socket]);
    });
    socket.once('close', cancel);
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  const upgrade = status === 426 ? { Upgrade: 'websocket' } : {};
  response.writeHead(status, { ...upgrade, Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Answers a request whose socket HTTP has already let go of. */
function refuse(stream: Stream, status: string, text: string): void {
  const body = `${text}\n`;
  const type = 'Content-Type: text/plain; charset=utf-8';
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  stream.on('error', () => stream.destroy());
  stream.once('finish', () => stream.destroy());
  stream.end([`HTTP/1.1 ${status}`, 'Connection: close', type, length, '', body].join('\r\n'));
}
