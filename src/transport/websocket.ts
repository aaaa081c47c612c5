import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex as Stream } from 'node:stream';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Observable, Subject, throwError } from 'rxjs';
import { WebSocket, WebSocketServer } from 'ws';
import { realClock, type Cancel, type Clock } from '../env/clock.js';
import { defaultLimits } from '../env/limits.js';
import { BadAddress } from '../wire/errors.js';
import { formatHostPort, type Address } from './address.js';
import type { Duplex, ListenEvent, Transport } from './duplex.js';
import { connectFailure, connectionFailure } from './failure.js';
import { createInbox } from './inbox.js';
import { peerAddress } from './interfaces.js';
import { originAllowed } from './origin.js';
import { destroyWhenStuck, HIGH_WATER_MARK } from './socket-duplex.js';
import { serve } from './tcp.js';
import type { Credentials } from './tls-credentials.js';

/** Close codes of a connection that ended as it should: normal, going away, no code given. */
const CLEAN: readonly number[] = [1000, 1001, 1005];

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
   * need no certificate: the nodes authenticate each other inside.
   */
  readonly tls?: Credentials | undefined;
}

type Settings = Required<Omit<WebSocketOptions, 'origins' | 'tls'>> & Pick<WebSocketOptions, 'origins' | 'tls'>;

/**
 * WebSocket: `ws://host:port/path` and `wss://`, without compression. Text is a text frame and octets are a binary
 * frame, one per `write`, and so they arrive.
 *
 * A bind with a path serves that path only, one without a path serves them all. With `wss` the client checks the listener's
 * certificate as browsers do, host name included.
 */
export function webSocketTransport(options: WebSocketOptions = {}): Transport {
  const settings: Settings = {
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

/** What both the server and the client side tell ws. The types do not know `closeTimeout` yet, nor TLS options of a client. */
function socketOptions({ maxPayload, closeTime }: Settings, secureContext?: SecureContext): object {
  const tls = secureContext === undefined ? {} : { secureContext };
  return { perMessageDeflate: false, maxPayload, closeTimeout: closeTime, ...tls };
}

function listen(bind: Address, settings: Settings): Observable<ListenEvent> {
  return new Observable((subscriber) => {
    const path = bind.path.replace(/\?.*$/s, '');
    const serves = (request: IncomingMessage): boolean =>
      path === '' || request.url?.replace(/\?.*$/s, '') === path;
    const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions(settings) });
    const server = createHttpServer(bind, settings, (request, response) => {
      if (serves(request)) answer(response, 426, `This is a WebSocket address: connect with ${bind.scheme}://`);
      else answer(response, 404, 'Nothing is served here');
    });
    server.on('upgrade', (request, stream, head) => {
      if (!serves(request)) {
        refuse(stream, '404 Not Found', 'Nothing is served here');
      } else if (!originAllowed(request.headers.origin, request.headers.host, settings.origins)) {
        refuse(stream, '403 Forbidden', `Pages of ${request.headers.origin} may not connect here`);
      } else {
        upgrader.handleUpgrade(request, stream, head, (ws) => {
          const duplex = webSocketDuplex(ws, bind, request.socket, settings);
          subscriber.next({ kind: 'connection', duplex });
        });
      }
    });
    serve(server, bind, (hostPort) => `${bind.scheme}://${hostPort}${path}`, subscriber);
    // requests that are under way have no connection yet that could live on
    subscriber.add(() => {
      server.closeAllConnections();
    });
  });
}

function createHttpServer({ scheme }: Address, { requestTime, tls }: Settings, answerTo: RequestListener): Server {
  const times = { headersTimeout: requestTime, requestTimeout: requestTime, connectionsCheckingInterval: requestTime / 10 };
  if (scheme !== 'wss') return createServer(times, answerTo);
  return createSecureServer({ ...times, ...tls?.own, handshakeTimeout: requestTime, minVersion: 'TLSv1.2' }, answerTo);
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

function connect(address: Address, settings: Settings, secureContext: SecureContext | undefined): Observable<Duplex> {
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

function webSocketDuplex(
  ws: WebSocket,
  address: Address,
  socket: IncomingMessage['socket'] | undefined,
  { clock, closeTime }: Settings,
): Duplex {
  const remoteAddress = socket === undefined ? address.text : peerAddress(socket.remoteAddress, socket.remotePort);
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  const inbox = createInbox({
    flow: (on) => {
      if (on) ws.resume();
      else ws.pause();
    },
  });
  let open = true;
  let pressed = false;
  let stopWatch: Cancel = () => undefined;

  const finish = (): void => {
    if (!open) return;
    open = false;
    ws.close(1000);
    // what still comes is dropped, but has to be read: behind it is the other end's close frame
    ws.resume();
    stopWatch = destroyWhenStuck(clock, closeTime, () => ws.bufferedAmount, () => {
      ws.terminate();
    });
  };
  const sent = (): void => {
    if (!open || !pressed || ws.bufferedAmount > HIGH_WATER_MARK / 2) return;
    pressed = false;
    drained$.next();
  };

  // frames can come along with the upgrade
  ws.pause();
  ws.on('message', (data, isBinary) => {
    inbox.push(isBinary ? (data as Buffer) : (data as Buffer).toString());
  });
  ws.on('error', (cause) => {
    inbox.end(connectionFailure(remoteAddress, cause));
    finish();
  });
  ws.on('close', (code, reason) => {
    open = false;
    stopWatch();
    inbox.end(CLEAN.includes(code) ? undefined : connectionFailure(remoteAddress, closeReason(code, reason)));
    drained$.complete();
    gone$.complete();
  });

  return {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    get arrived() {
      return socket?.bytesRead ?? 0;
    },
    secure: address.scheme === 'wss',
    write(chunk) {
      if (!open || ws.readyState !== WebSocket.OPEN) return true;
      ws.send(chunk, sent);
      pressed ||= ws.bufferedAmount > HIGH_WATER_MARK;
      return !pressed;
    },
    close(error) {
      if (!open) return;
      if (error === undefined) {
        finish();
      } else {
        open = false;
        ws.terminate();
      }
      drained$.complete();
      inbox.abort();
    },
  };
}

function closeReason(code: number, reason: Buffer): string {
  if (code === 1006) return 'broken off by the other end or the network (1006)';
  return `closed with code ${code}${reason.length > 0 ? `: ${reason.toString()}` : ''}`;
}
