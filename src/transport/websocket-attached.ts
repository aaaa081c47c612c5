import type { IncomingMessage, Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex as Stream } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { Observable } from 'rxjs';
import { BadAddress } from '../wire/errors.js';
import type { Address } from './address.js';
import { createSideDoor } from './door.js';
import type { ListenEvent, Reception } from './duplex.js';
import { listenFailure } from './failure.js';
import { reachableAddresses } from './interfaces.js';
import { createVisitors } from './visitors.js';
import type { HttpServer, WebSocketSettings } from './websocket-settings.js';
import { createUpgrades, NOTHING, pathOf, refuse, type Upgrade } from './websocket-upgrades.js';

/** The path that a listener of `upgrade` serves, if it is one of rxmp's: of any copy of rxmp in this process. */
const PATH = Symbol.for('rxmp.path');

type Listener = Upgrade & { readonly [PATH]?: string };

/**
 * Listens at a path of a server that somebody else has made, and makes listen. The server's other requests and connections are his, and so are
 * its times and its limits.
 */
export function attach(bind: Address, settings: WebSocketSettings, given: HttpServer, reception?: Reception): Observable<ListenEvent> {
  return new Observable((subscriber) => {
    const server = checkServer(given);
    const isEncrypted = server instanceof TlsServer;
    const scheme = isEncrypted ? 'wss' : 'ws';
    const path = pathIn(bind, scheme);
    if (listenersOf(server).some((one) => one[PATH] === path)) throw listenFailure(bind, 'another node of this program has that path of the server');

    const door = createSideDoor(reception);
    const visitors = createVisitors(settings, door);
    const upgrade = createUpgrades(settings, isEncrypted, visitors, (duplex, leave) => {
      subscriber.next({ kind: 'connection', duplex, leave });
    });
    const take: Upgrade = (request, stream, head) => {
      if (stream.writableEnded || stream.destroyed) {
        reception?.missed(new Error(`another listener of the server's event "upgrade" has answered a request for ${path}: it should leave alone what is for others, as with the option noServer of ws`));
      } else if (subscriber.closed) refuse(stream, '404 Not Found', NOTHING);
      else if (visitors.arrived(request.socket)) upgrade(request, stream, head);
    };
    const listener: Listener = Object.assign(
      (request: IncomingMessage, stream: Stream, head: Buffer): void => {
        // when all listeners have had it: one may have answered what is not his
        if (pathOf(request.url) === path) settings.clock.soon(() => { take(request, stream, head); });
        else if (isLeft(listenersOf(server), listener, pathOf(request.url))) refuse(stream, '404 Not Found', NOTHING);
      },
      { [PATH]: path },
    );
    const tell = (): void => {
      const bound = server.address();
      if (typeof bound === 'string') {
        subscriber.error(listenFailure(bind, 'its server listens on a socket of the file system, whose visitors have no addresses: expected one that listens on a port'));
        return;
      }
      const hosts = bound === null ? [] : reachableAddresses(bound);
      subscriber.next({ kind: 'listening', addresses: hosts.map((hostPort) => `${scheme}://${hostPort}${path}`) });
    };
    const closed = (): void => { subscriber.complete(); };

    server.on('upgrade', listener).on('listening', tell).on('close', closed);
    subscriber.add(() => {
      server.off('upgrade', listener).off('listening', tell).off('close', closed);
      door.close();
    });
    tell();
  });
}

const listenersOf = (server: Server): Listener[] => server.listeners('upgrade') as Listener[];

/** A request that would hang for ever: only nodes listen for such, none serves the path, and the first of them answers. */
function isLeft(listeners: Listener[], self: Listener, path: string): boolean {
  return listeners[0] === self && listeners.every((one) => one[PATH] !== undefined && one[PATH] !== path);
}

/** Servers of `node:https` are none of `node:http` by their class. */
const isServer = (server: unknown): server is Server => server instanceof NetServer;

/** Throws TypeError for what is no server, such as the application of Express. */
function checkServer(server: unknown): Server {
  if (isServer(server)) return server;
  throw new TypeError(
    'the option "server" is no server of node:http or node:https: expected what app.listen() of Express gives, fastify.server, or app.getHttpServer() of Nest',
  );
}

/** Throws BadAddress for a bind that names more than a path, or the wrong scheme. */
function pathIn({ text, path }: Address, scheme: string): string {
  if (text.startsWith(`${scheme}://server/`)) return pathOf(path);
  throw new BadAddress(`cannot listen on ${text}: with the option "server", which has the host and the port, expected ${scheme}://server/<path>`);
}
