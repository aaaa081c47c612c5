import type { Socket } from 'node:net';
import type { Door } from './door.js';
import { peerAddress } from './interfaces.js';
import type { WebSocketSettings } from './websocket-settings.js';

interface Visitor {
  readonly isProxy: boolean;
  leave: () => void;
  readonly stopWaiting: () => void;
}

/**
 * Who has connected to a listener and has no WebSocket yet: each counts from the moment of his connection, whether he goes on to
 * TLS, to HTTP, or says nothing, and has `requestTime` for all that.
 */
export function createVisitors({ clock, requestTime, proxies }: Pick<WebSocketSettings, 'clock' | 'requestTime' | 'proxies'>, door: Door) {
  // by address: of a connection with TLS there are two sockets, which have that in common
  const visitors = new Map<string, Visitor>();
  const addressOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string => peerAddress(remoteAddress, remotePort);

  return {
    /** False: he may not come in. */
    arrived(socket: Socket): boolean {
      const isProxy = proxies.includes(socket.remoteAddress);
      const leave = door.enter(socket, isProxy);
      if (leave === undefined) return false;
      const address = addressOf(socket);
      const visitor: Visitor = { isProxy, leave, stopWaiting: clock.after(requestTime, () => { socket.destroy(); }) };
      visitors.set(address, visitor);
      socket.once('close', () => {
        if (visitors.get(address) !== visitor) return;
        visitors.delete(address);
        visitor.stopWaiting();
        visitor.leave();
      });
      return true;
    },
    /** Whom a proxy brings counts from now on by his own address. False: he may not come in. */
    named(socket: Pick<Socket, 'remoteAddress' | 'remotePort' | 'destroy'>, address: string): boolean {
      const visitor = visitors.get(addressOf(socket));
      if (visitor?.isProxy !== true) return true;
      visitor.leave();
      const leave = door.enterBehind(socket, address);
      if (leave !== undefined) visitor.leave = leave;
      return leave !== undefined;
    },
    /** He has a WebSocket: the result is what to call when his handshake is over. */
    upgraded(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): (() => void) | undefined {
      const address = addressOf(socket);
      const visitor = visitors.get(address);
      visitors.delete(address);
      visitor?.stopWaiting();
      return visitor?.leave;
    },
  };
}
