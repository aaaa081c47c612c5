import { EventEmitter } from 'node:events';
import type { Duplex as Stream } from 'node:stream';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';

/** How a TLS handshake has ended. */
export interface Shaking {
  shaken(socket: TLSSocket): void;
  broken(error: Error): void;
}

/**
 * The server's side of TLS handshakes on streams. It never listens: a stream can be given to a TLS server only as a connection
 * of it.
 *
 * To read its certificates takes a server milliseconds, 25 with all CAs that Node.js knows. So there is one, and each handshake
 * has a view of it, with events of its own: a server does not tell to which stream its events belong.
 */
export function createTlsListener(context: SecureContextOptions): (stream: Stream, shaking: Shaking) => void {
  let server: Server | undefined;
  return (stream, { shaken, broken }) => {
    // it accepts any certificate at first, so that the reason against it is ours to tell
    server ??= createServer({ ...context, requestCert: true, rejectUnauthorized: false });
    const view = viewOf(server);
    view.on('tlsClientError', broken);
    view.once('secureConnection', (socket) => {
      socket.on('error', broken);
      shaken(socket);
    });
    for (const accept of server.listeners('connection')) Reflect.apply(accept, view, [stream]);
  };
}

/** All that the server has, but its listeners: an emitter that finds those of its prototype makes a table of its own. */
function viewOf(server: Server): Server {
  const view = Object.create(server) as Server;
  Reflect.apply(EventEmitter as unknown as () => void, view, []);
  return view;
}
