import type { Socket } from 'node:net';
import type { Admit } from './duplex.js';
import { peerAddress } from './interfaces.js';
import type { WebSocketSettings } from './websocket-settings.js';

interface Visitor {
  readonly leave: (() => void) | undefined;
  readonly stopWaiting: () => void;
}

/**
 * Who has connected to a listener and has no WebSocket yet: each counts from the moment of his connection, whether he goes on to
 * TLS, to HTTP, or says nothing, and has `requestTime` for all that.
 */
export function createVisitors({ clock, requestTime }: Pick<WebSocketSettings, 'clock' | 'requestTime'>, admit: Admit | undefined) {
  // by address: of a connection with TLS there are two sockets, which have that in common
  const visitors = new Map<string, Visitor>();
  const addressOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string => peerAddress(remoteAddress, remotePort);

  return {
    arrived(socket: Socket): void {
      // gone before it was accepted: it has no address, and would stand in the place of another such
      if (socket.remoteAddress === undefined) {
        socket.destroy();
        return;
      }
      const address = addressOf(socket);
      const leave = admit?.(address);
      if (admit !== undefined && leave === undefined) {
        socket.destroy();
        return;
      }
      const visitor: Visitor = { leave, stopWaiting: clock.after(requestTime, () => { socket.destroy(); }) };
      visitors.set(address, visitor);
      socket.once('close', () => {
        if (visitors.get(address) !== visitor) return;
        visitors.delete(address);
        visitor.stopWaiting();
        leave?.();
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
