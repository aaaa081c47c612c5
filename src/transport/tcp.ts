import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import { realClock } from '../env/clock.js';
import { checkTime } from '../env/time.js';
import type { Address } from './address.js';
import type { Duplex, ListenEvent, Reception, Transport } from './duplex.js';
import { connectFailure, listenFailure } from './failure.js';
import { peerAddress, reachableAddresses } from './interfaces.js';
import { resolveHost, systemLookup } from './lookup.js';
import { HIGH_WATER_MARK } from './backpressure.js';
import { createDoor } from './door.js';
import { socketDuplex } from './socket-duplex.js';
import type { TcpOptions } from './tcp-options.js';

/**
 * Plain TCP: `host:port`, `[::1]:4040`, `*:port`, `*`.
 *
 * `*` listens on every interface, IPv6 and IPv4 where the machine has both; `listening` then names one address per
 * interface. Text is sent as UTF-8 and everything arrives as octets.
 */
export function tcpTransport({ clock = realClock, closeTime = 5_000, lookup = systemLookup }: TcpOptions = {}): Transport {
  checkTime('closeTime', closeTime);
  const duplexOf = (socket: Socket): Duplex =>
    socketDuplex(socket, {
      clock,
      closeTime,
      remoteAddress: peerAddress(socket.remoteAddress, socket.remotePort),
      abort: () => void socket.resetAndDestroy(),
    });
  return {
    schemes: ['tcp'],
    listen: (bind, reception) =>
      new Observable((subscriber) => {
        const options = { allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK };
        const server = createServer(options, (socket) => {
          const leave = door.enter(socket);
          if (leave === undefined) return;
          socket.once('close', leave);
          subscriber.next({ kind: 'connection', duplex: duplexOf(socket), leave });
        });
        const door = createDoor(server, reception);
        serve(server, bind, (hostPort) => hostPort, subscriber, reception);
      }),
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
