import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { defer, Observable, switchMap, type Subscriber } from 'rxjs';
import { realClock } from '../env/clock.js';
import { defaultLimits, type Limits } from '../env/limits.js';
import { checkTime } from '../env/time.js';
import type { Address } from './address.js';
import type { Duplex, ListenEvent, Reception, Transport } from './duplex.js';
import { connectFailure, listenFailure } from './failure.js';
import { peerAddress, reachableAddresses } from './interfaces.js';
import { resolveHost, systemLookup } from './lookup.js';
import { HIGH_WATER_MARK } from './backpressure.js';
import { createDoor, type Door } from './door.js';
import { checkProxyProtocol, readTrustProxy } from './forwarded.js';
import { adoptable } from './node-transports.js';
import { socketDuplex } from './socket-duplex.js';
import type { TcpOptions } from './tcp-options.js';

/**
 * Plain TCP: `host:port`, `[::1]:4040`, `*:port`, `*`.
 *
 * `*` listens on every interface, IPv6 and IPv4 where the machine has both; `listening` then names one address per
 * interface. Text is sent as UTF-8 and everything arrives as octets.
 */
export function tcpTransport(options: TcpOptions = {}): Transport {
  return adoptable(transportOf(options, defaultLimits), ({ clock, limits }) => transportOf({ clock, ...options }, limits));
}

function transportOf(options: TcpOptions, { handshakeTime }: Pick<Limits, 'handshakeTime'>): Transport {
  const { clock = realClock, closeTime = 5_000, lookup = systemLookup, proxyProtocol = false, trustProxy } = options;
  checkTime('closeTime', closeTime);
  checkProxyProtocol(proxyProtocol, trustProxy);
  if (!proxyProtocol && trustProxy !== undefined) throw new TypeError('the option "trustProxy" of tcpTransport means nothing without proxyProtocol: true');
  const proxied = { clock, requestTime: handshakeTime, proxies: readTrustProxy(trustProxy) };
  const duplexOf = (socket: Socket, { remoteAddress, isEncrypted }: Brought = { remoteAddress: peerAddress(socket.remoteAddress, socket.remotePort), isEncrypted: false }): Duplex =>
    socketDuplex(socket, { clock, closeTime, remoteAddress, secure: isEncrypted, abort: () => void socket.resetAndDestroy() });
  const listen = (bind: Address, reception: Reception | undefined, createReceiver: CreateReceiver): Observable<ListenEvent> =>
    new Observable((subscriber) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK });
      const receive = createReceiver(createDoor(server, reception), reception);
      server.on('connection', (socket) => {
        receive(socket, (leave, brought) => {
          subscriber.next({ kind: 'connection', duplex: duplexOf(socket, brought), leave });
        });
      });
      serve(server, bind, (hostPort) => hostPort, subscriber, reception);
    });
  return {
    schemes: ['tcp'],
    listen: (bind, reception) =>
      proxyProtocol
        ? defer(() => import('./proxied.js')).pipe(switchMap(({ proxiedReceiver }) => listen(bind, reception, proxiedReceiver(proxied))))
        : listen(bind, reception, directReceiver),
    connect: (address) =>
      new Observable((subscriber) => {
        const { host, port, ip = host } = address;
        const options = { host: ip, port, allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK };
        const socket = connect(options);
        const fail = (cause: Error): void => {
          subscriber.error(connectFailure(address, cause));
        };
        let pending = true;
        socket.once('error', fail);
        socket.once('connect', () => {
          pending = false;
          socket.off('error', fail);
          subscriber.next(duplexOf(socket));
          subscriber.complete();
        });
        return () => {
          if (pending) socket.destroy();
        };
      }),
    resolve: (address) => resolveHost(address, lookup),
  };
}

/** What a proxy says of a connection: the address that counts in place of the socket's, and whether it has ended TLS. */
export interface Brought {
  readonly remoteAddress: string;
  readonly isEncrypted: boolean;
}

/** Hands a connection over, with what to call when its handshake is over. */
export type Receive = (socket: Socket, goOn: (leave: (() => void) | undefined, brought?: Brought) => void) => void;
export type CreateReceiver = (door: Door, reception: Reception | undefined) => Receive;

const directReceiver: CreateReceiver = (door) => (socket, goOn) => {
  const leave = door.enter(socket);
  if (leave === undefined) return;
  socket.once('close', leave);
  goOn(leave);
};

/**
 * Makes a server listen for as long as the subscription lasts and reports its addresses, each written by `form`.
 * Without a host Node.js takes `::` for both families, or `0.0.0.0` where there is no IPv6.
 */
export function serve(
  server: Server,
  bind: Address,
  form: (hostPort: string) => string,
  subscriber: Subscriber<ListenEvent>,
  reception: Reception | undefined,
): void {
  server.on('error', (cause) => {
    // one connection that could not be accepted, for want of file descriptors say, is no reason to stop listening
    if (server.listening) reception?.missed(cause);
    else subscriber.error(listenFailure(bind, cause));
  });
  server.on('listening', () => {
    // a host name is looked up first, and the subscription may have ended meanwhile
    if (subscriber.closed) {
      server.close();
      return;
    }
    const addresses = reachableAddresses(server.address() as AddressInfo).map(form);
    subscriber.next({ kind: 'listening', addresses });
  });
  subscriber.add(() => server.close());
  server.listen({ port: bind.port, ...(bind.host === '*' ? {} : { host: bind.host }) });
}
