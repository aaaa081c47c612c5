import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { Observable } from 'rxjs';
import type { Address } from './address.js';
import { createDoor } from './door.js';
import type { ListenEvent, Reception } from './duplex.js';
import { peerAddress } from './interfaces.js';
import { createPacer, HANDSHAKE_PAUSE } from './pacer.js';
import { placeOf } from './place.js';
import { readProxied } from './proxied.js';
import { serve } from './tcp.js';
import { createVisitors } from './visitors.js';
import { attach } from './websocket-attached.js';
import type { WebSocketSettings } from './websocket-settings.js';
import { createUpgrades, NOTHING, pathOf, refuse } from './websocket-upgrades.js';

/** Listens for WebSocket connections, on a server of its own or on one that is there. */
export function listen(bind: Address, settings: WebSocketSettings, reception?: Reception): Observable<ListenEvent> {
  return settings.server === undefined ? listenAlone(bind, settings, reception) : attach(bind, settings, settings.server, reception);
}

function listenAlone(bind: Address, settings: WebSocketSettings, reception?: Reception): Observable<ListenEvent> {
  return new Observable((subscriber) => {
    const path = pathOf(bind.path);
    const serves = ({ url }: IncomingMessage): boolean => path === '' || pathOf(url) === path;
    const server = createHttpServer(bind, settings, (request, response) => {
      if (serves(request)) answer(response, 426, `This is a WebSocket address: connect with ${bind.scheme}://`);
      else answer(response, 404, NOTHING);
    });
    const visitors = createVisitors(settings, createDoor(server, reception));
    const begin = beginning(bind, settings, server);
    server.on('connection', (socket: Socket) => {
      if (!visitors.arrived(socket)) return;
      if (settings.proxyProtocol) readProxied(socket, settings, visitors, reception, (remoteAddress) => begin?.(socket, remoteAddress));
      else begin?.(socket, peerAddress(socket.remoteAddress, socket.remotePort));
    });
    const upgrade = createUpgrades(settings, bind.scheme === 'wss', visitors, (duplex, leave) => {
      subscriber.next({ kind: 'connection', duplex, leave });
    });
    server.on('upgrade', (request, stream, head) => {
      if (serves(request)) upgrade(request, stream, head);
      else refuse(stream, '404 Not Found', NOTHING);
    });
    serve(server, bind, (hostPort) => `${bind.scheme}://${hostPort}${path}`, subscriber, reception);
    // requests that are under way have no connection yet that could live on
    subscriber.add(() => {
      server.closeAllConnections();
    });
  });
}

function createHttpServer({ scheme }: Address, { requestTime, tls }: WebSocketSettings, answerTo: RequestListener): Server {
  const times = { headersTimeout: requestTime, requestTimeout: requestTime, connectionsCheckingInterval: requestTime / 10 };
  if (scheme !== 'wss') return createServer(times, answerTo);
  return createSecureServer({ ...times, ...tls?.own, handshakeTimeout: requestTime, minVersion: 'TLSv1.2' }, answerTo);
}

type Begin = (socket: Socket, remoteAddress: string) => void;

/** Takes the place of what the server does with a connection by itself; undefined: that is right as it is. */
function beginning({ scheme }: Address, { clock, proxyProtocol }: WebSocketSettings, server: Server): Begin | undefined {
  const isEncrypted = scheme === 'wss';
  if (!isEncrypted && !proxyProtocol) return undefined;
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  const begin = (socket: Socket): void => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  };
  if (isEncrypted) return pacedHandshakes(begin, clock);
  return (socket) => {
    begin(socket);
    // what came along with the PROXY header waits
    socket.resume();
  };
}

/** TLS handshakes that begin one after the other, addresses in turn: each takes the processor for a millisecond or two. */
function pacedHandshakes(begin: (socket: Socket) => void, clock: WebSocketSettings['clock']): Begin {
  const pacer = createPacer(clock, HANDSHAKE_PAUSE);
  return (socket, remoteAddress) => {
    // while it waits nobody else hears that it breaks, which would end the process
    socket.on('error', () => undefined);
    const cancel = pacer.enter(placeOf(remoteAddress), () => { begin(socket); });
    socket.once('close', cancel);
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  const upgrade = status === 426 ? { Upgrade: 'websocket' } : {};
  response.writeHead(status, { ...upgrade, Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
