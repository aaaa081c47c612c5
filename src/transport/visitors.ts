import type { Socket } from 'node:net';
import type { Clock } from '../env/clock.js';
import type { Door } from './door.js';
import type { Proxies } from './forwarded.js';
import { peerAddress } from './interfaces.js';

/** What visitors depend on. */
export interface VisitorSettings {
  readonly clock: Clock;
  /** How long a visitor may take, in ms. */
  readonly requestTime: number;
  readonly proxies: Proxies;
}

interface Visitor {
  isProxy: boolean;
  /** That a proxy has named. */
  name: string | undefined;
  /** A proxy has ended his TLS. */
  isEncrypted: boolean;
  leave: () => void;
  readonly stopWaiting: () => void;
}

type Visiting = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export type Visitors = ReturnType<typeof createVisitors>;

/**
 * Who has connected to a listener and is not handed over yet: each counts from the moment of his connection, whether he goes on to
 * a PROXY header, to TLS, to HTTP, or says nothing, and has `requestTime` for all that.
 */
export function createVisitors({ clock, requestTime, proxies }: VisitorSettings, door: Door) {
  // by address: of a connection with TLS there are two sockets, which have that in common
  const visitors = new Map<string, Visitor>();
  const addressOf = ({ remoteAddress, remotePort }: Visiting): string => peerAddress(remoteAddress, remotePort);

  return {
    /** False: he may not come in. */
    arrived(socket: Socket): boolean {
      const isProxy = proxies.includes(socket.remoteAddress);
      const leave = door.enter(socket, isProxy);
      if (leave === undefined) return false;
      const address = addressOf(socket);
      const visitor: Visitor = { isProxy, name: undefined, isEncrypted: false, leave, stopWaiting: clock.after(requestTime, () => { socket.destroy(); }) };
      visitors.set(address, visitor);
      socket.once('close', () => {
        if (visitors.get(address) !== visitor) return;
        visitors.delete(address);
        visitor.stopWaiting();
        visitor.leave();
      });
      return true;
    },
    /** Whom a proxy brings counts from now on by his own address; he may be a proxy himself. False: he may not come in. */
    named(socket: Visiting & Pick<Socket, 'destroy'>, address: string, isProxy = false): boolean {
      const visitor = visitors.get(addressOf(socket));
      if (visitor?.isProxy !== true) return true;
      visitor.leave();
      visitor.isProxy = isProxy;
      visitor.name = address;
      const leave = door.enterBehind(socket, address, isProxy);
      if (leave !== undefined) visitor.leave = leave;
      return leave !== undefined;
    },
    /** The address by which a proxy has named him. */
    nameOf: (socket: Visiting): string | undefined => visitors.get(addressOf(socket))?.name,
    /** A proxy says that it has ended his TLS. */
    encrypted(socket: Visiting): void {
      const visitor = visitors.get(addressOf(socket));
      if (visitor !== undefined) visitor.isEncrypted = true;
    },
    isEncrypted: (socket: Visiting): boolean => visitors.get(addressOf(socket))?.isEncrypted === true,
    /** He is handed over: the result is what to call when his handshake is over. */
    upgraded(socket: Visiting): (() => void) | undefined {
      const address = addressOf(socket);
      const visitor = visitors.get(address);
      visitors.delete(address);
      visitor?.stopWaiting();
      return visitor?.leave;
    },
  };
}
