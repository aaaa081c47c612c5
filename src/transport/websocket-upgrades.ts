import type { IncomingMessage } from 'node:http';
import type { Duplex as Stream } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Duplex } from './duplex.js';
import { forwardedOf, proxiesBehind, readTrustProxy, type Forwarded } from './forwarded.js';
import { peerAddress } from './interfaces.js';
import { originAllowed } from './origin.js';
import type { Visitors } from './visitors.js';
import { webSocketDuplex } from './websocket-duplex.js';
import { socketOptions, type WebSocketSettings } from './websocket-settings.js';

/** Takes a request for a WebSocket, as the event `upgrade` of a server brings it. */
export type Upgrade = (request: IncomingMessage, stream: Stream, head: Buffer) => void;

/** Makes connections of requests, or answers why not; `isEncrypted`: the server has TLS itself. */
export function createUpgrades(
  settings: WebSocketSettings,
  isEncrypted: boolean,
  visitors: Visitors,
  connected: (duplex: Duplex, leave: (() => void) | undefined) => void,
): Upgrade {
  const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions(settings) });
  const behind = proxiesBehind(settings.proxies);
  return (request, stream, head) => {
    const { headers, headers: { origin }, socket } = request;
    const name = visitors.nameOf(socket);
    const forwarded: Forwarded = settings.proxyProtocol ? forwardedOf({ headers, socket: { remoteAddress: name } }, behind) : forwardedOf(request, settings.proxies);
    const remoteAddress = forwarded.address ?? name ?? peerAddress(socket.remoteAddress, socket.remotePort);
    if (!originAllowed(origin, forwarded.host, settings.origins)) {
      const { origins } = settings;
      settings.refused?.({ remoteAddress, origin: origin ?? '', host: forwarded.host ?? '', origins, claimedHost: claimedHost(request, origins) });
      refuse(stream, '403 Forbidden', `Pages of ${origin} may not connect here`);
    } else if (!visitors.named(socket, remoteAddress)) {
      refuse(stream, '429 Too Many Requests', `There are too many connections of ${remoteAddress}`);
    } else {
      const secure = isEncrypted || forwarded.secure || visitors.isEncrypted(socket);
      upgrader.handleUpgrade(request, stream, head, (ws) => {
        connected(webSocketDuplex(ws, { socket, remoteAddress, secure, origin }, settings), visitors.upgraded(socket));
      });
    }
  };
}

/** The path of a bind, or of what a request is for, without what comes after a question mark. */
export const pathOf = (url = ''): string => url.replace(/\?.*$/s, '');

/** The host that somebody who is not trusted says was asked for, if that would let the page in. */
function claimedHost(request: IncomingMessage, origins: WebSocketSettings['origins']): string | undefined {
  const { host } = forwardedOf(request, readTrustProxy(true));
  return originAllowed(request.headers.origin, host, origins) ? host : undefined;
}

/** Answers a request whose socket HTTP has already let go of. */
export function refuse(stream: Stream, status: string, text: string): void {
  const body = `${text}\n`;
  const type = 'Content-Type: text/plain; charset=utf-8';
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  stream.on('error', () => stream.destroy());
  stream.once('finish', () => stream.destroy());
  stream.end([`HTTP/1.1 ${status}`, 'Connection: close', type, length, '', body].join('\r\n'));
}

/** What is told where nobody serves. */
export const NOTHING = 'Nothing is served here';
