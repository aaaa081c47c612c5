import type { Server, Socket } from 'node:net';
import type { Reception } from './duplex.js';
import { peerAddress } from './interfaces.js';
import { createHolding } from './open-files.js';

export type Door = ReturnType<typeof doorOf>;

/** What is left for who may come in where nobody is asked. */
const nobodyWaits = (): void => undefined;

/** Where those who connect to a server of sockets come in, or are turned away. */
export function createDoor(server: Server, reception: Reception | undefined) {
  const holding = createHolding(server, reception?.connections ?? Infinity);
  server.on('listening', holding.begin);
  server.on('close', holding.end);
  return doorOf(holding, reception);
}

/** The same on a server of somebody else, which holds as many connections as it likes: only who comes in here counts, until `close`. */
export function createSideDoor(reception: Reception | undefined) {
  const holding = createHolding({ maxConnections: Infinity }, reception?.connections ?? Infinity);
  holding.begin();
  return { ...doorOf(holding, reception), close: holding.end };
}

function doorOf(holding: Pick<ReturnType<typeof createHolding>, 'most'>, reception: Reception | undefined) {
  const listener = {};
  let count = 0;

  const ask = (socket: Pick<Socket, 'destroy'>, remoteAddress: string, isProxy: boolean): (() => void) | undefined =>
    reception === undefined
      ? nobodyWaits
      : reception.enter({ remoteAddress, isProxy, listener, isCrowded: count > holding.most, evict: () => { socket.destroy(); } });

  return {
    /** Gives what to call when his handshake is over; undefined: he is turned away, and his socket is closed. */
    enter(socket: Socket, isProxy = false): (() => void) | undefined {
      // gone before he was accepted: he has no address, and would stand in the place of another such
      if (socket.remoteAddress === undefined) {
        socket.destroy();
        return undefined;
      }
      count++;
      socket.once('close', () => count--);
      const leave = ask(socket, peerAddress(socket.remoteAddress, socket.remotePort), isProxy);
      if (leave === undefined) socket.destroy();
      return leave;
    },
    /** The same for somebody whom a proxy brings, when he is known: he came in as that proxy. His socket stays open. */
    enterBehind: (socket: Pick<Socket, 'destroy'>, remoteAddress: string, isProxy = false): (() => void) | undefined => ask(socket, remoteAddress, isProxy),
  };
}
