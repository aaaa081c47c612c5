import type { Socket } from 'node:net';
import { shown } from '../wire/printable.js';
import type { Reception } from './duplex.js';
import { peerAddress } from './interfaces.js';
import { parseProxyHeader } from './proxy-header.js';
import type { CreateReceiver } from './tcp.js';
import { createVisitors, type Visitors, type VisitorSettings } from './visitors.js';

/** As much of what came in place of a header as is told. */
const TOLD = 40;

/**
 * Reads the PROXY header that a trusted proxy has to send, and that nobody else may send; `goOn` gets the address that counts from then on,
 * and whether the proxy has ended that one's TLS; the socket stands where the header ended, paused. Else the socket is closed, and the reception told why. Visitors have their time for it.
 */
export function readProxied(
  socket: Socket,
  { proxies, requestTime }: Pick<VisitorSettings, 'proxies' | 'requestTime'>,
  visitors: Visitors,
  reception: Reception | undefined,
  goOn: (remoteAddress: string, isEncrypted: boolean) => void,
): void {
  const proxy = peerAddress(socket.remoteAddress, socket.remotePort);
  const isProxy = proxies.includes(socket.remoteAddress);
  let octets = Buffer.alloc(0);

  const stop = (): void => {
    socket.off('data', look).off('end', gone).off('close', gone).pause();
  };
  const fail = (reason: string): void => {
    stop();
    socket.destroy();
    reception?.failed(proxy, reason);
  };
  const pass = (length: number, source?: string, isEncrypted = false): void => {
    stop();
    const rest = octets.subarray(length);
    if (rest.length > 0) socket.unshift(rest);
    const isHop = source !== undefined && proxies.isHop(source);
    // how somebody has come to another proxy only that one knows
    if (isEncrypted && !isHop) visitors.encrypted(socket);
    if (source === undefined || visitors.named(socket, source, isHop)) goOn(source ?? proxy, isEncrypted && !isHop);
    else socket.destroy();
  };
  const look = (chunk: Buffer): void => {
    octets = Buffer.concat([octets, chunk]);
    const header = parseProxyHeader(octets);
    if (header.kind === 'more') return;
    if (!isProxy) {
      if (header.kind === 'none') pass(0);
      else fail('it sent a PROXY header, and is not one of the proxies of trustProxy');
    } else if (header.kind === 'header') pass(header.length, header.source, header.isEncrypted);
    else if (header.kind === 'bad') fail(`bad PROXY header: ${header.reason}`);
    else fail(`a proxy of trustProxy has to begin with a PROXY header (proxyProtocol), and this one began with ${shown(octets.toString('latin1', 0, TOLD))}`);
  };
  const gone = (): void => {
    // who says nothing only looks whether somebody listens
    if (octets.length > 0) fail(`only ${octets.length} octets of a PROXY header came within ${requestTime} ms`);
    else socket.destroy();
  };
  // it stays: whoever is next may not be there yet when the connection breaks
  socket.on('error', () => undefined);
  socket.on('data', look).on('end', gone).on('close', gone);
}

/** Receives the connections of a listener of TCP. */
export const proxiedReceiver = (settings: VisitorSettings): CreateReceiver => (door, reception) => {
  const visitors = createVisitors(settings, door);
  return (socket, goOn) => {
    if (!visitors.arrived(socket)) return;
    readProxied(socket, settings, visitors, reception, (remoteAddress, isEncrypted) => {
      const leave = visitors.upgraded(socket);
      if (leave !== undefined) socket.once('close', leave);
      goOn(leave, { remoteAddress, isEncrypted });
    });
  };
};
