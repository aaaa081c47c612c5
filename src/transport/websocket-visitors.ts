import type { Socket } from 'node:net';
import type { Door } from './door.js';
import { peerAddress } from './interfaces.js';
import type { WebSocketSettings } from './websocket-settings.js';

interface Visitor {
  readonly leave: () => void;
  readonly stopWaiting: () => void;
}

/**
 * Who has connected to a listener and has no WebSocket yet: each counts from the moment of his connection, whether he goes on to
 * TLS, to HTTP, or says nothing, and has `requestTime` for all that.
 */
export function createVisitors({ clock, requestTime }: Pick<WebSocketSettings, 'clock' | 'requestTime'>, door: Door) {
  // by address: of a connection with TLS there are two sockets, which have that in common
  const visitors = new Map<string, Visitor>();
  const addressOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string => peerAddress(remoteAddress, remotePort);

  return {
    arrived(socket: Socket): void {
      const leave = door.enter(socket);
      if (leave === undefined) return;
      const address = addressOf(socket);
      const visitor: Visitor = { leave, stopWaiting: clock.after(requestTime, () => { socket.destroy(); }) };
      visitors.set(address, visitor);
      socket.once('close', () => {
        if (visitors.get(address) !== visitor) return;
        visitors.delete(address);
        visitor.stopWaiting();
        leave();
      });
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
