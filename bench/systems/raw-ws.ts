import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Sink } from '../harness/counter.js';
import { PAYLOAD, type End, type System } from '../harness/system.js';

const FRAME = 64;
/** Octets that may wait in a socket. */
const ENOUGH = 1_000_000;

type Message = readonly [port: string, tag: string, index: number, payload: string];

/** What bounds WebSocket in Node.js: frames of 64 messages, each frame a JSON array, and nobody who looks for a port. */
export const system: System = {
  async listen(sink) {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await once(server, 'listening');
    const end = once(server, 'connection').then(([socket]) => endOf(socket as WebSocket, sink));
    return { address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, end, close: () => server.close() };
  },
  async connect(address, sink) {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await once(socket, 'open');
    return endOf(socket, sink);
  },
};

function endOf(socket: WebSocket, sink: Sink): End {
  let frame: Message[] = [];
  const flush = (): void => {
    if (frame.length > 0) socket.send(JSON.stringify(frame));
    frame = [];
  };
  socket.on('message', (data: Buffer) => {
    for (const [, , index] of JSON.parse(data.toString()) as Message[]) sink.item(index);
  });
  return {
    send(index) {
      const length = frame.push(['a port of the other', 'item', index, PAYLOAD]);
      if (length === 1) setImmediate(flush);
      if (length === FRAME) flush();
      return socket.bufferedAmount < ENOUGH;
    },
    async drained() {
      while (socket.bufferedAmount >= ENOUGH) await new Promise(setImmediate);
    },
    close: () => socket.close(),
  };
}
