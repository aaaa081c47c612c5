import type { Socket } from 'node:net';
import { connectTcp, listenTcp } from './batches.js';
import type { Sink } from './counter.js';
import type { End, System } from './system.js';

/** A system of two ends that are alike, over one TCP connection, made by hand. */
export function tcpSystem(endOf: (socket: Socket, sink: Sink) => End): System {
  return {
    async listen(sink) {
      let found: (end: End) => void;
      const end = new Promise<End>((resolve) => { found = resolve; });
      const { server, address } = await listenTcp((socket) => { found(endOf(socket, sink)); });
      return { address, end, close: () => server.close() };
    },
    connect: async (address, sink) => endOf(await connectTcp(address), sink),
  };
}
