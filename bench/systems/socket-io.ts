import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Sink } from '../harness/counter.js';
import { peer } from '../harness/peers.js';
import { PAYLOAD, type End, type System } from '../harness/system.js';

/** The same at both ends. */
interface Socket {
  on(event: string, listener: (...args: never[]) => void): void;
  emit(event: string, ...args: unknown[]): void;
  emitWithAck(event: string): Promise<unknown>;
  disconnect(): void;
}
interface ServerModule {
  readonly Server: new (http: unknown, options: object) => { on(event: 'connection', listener: (socket: Socket) => void): void; close(): unknown };
}
interface ClientModule {
  io(address: string, options: object): Socket;
}

/** It has no back-pressure: so many messages go, then it is asked whether they have come. */
const WINDOW = 10_000;

/** socket.io, over WebSocket only, with acknowledgements for answers. */
export const system: System = {
  async listen(sink) {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new (peer<ServerModule>('socket.io').Server)(http, { transports: ['websocket'] });
    const end = new Promise<End>((resolve) => {
      server.on('connection', (socket) => { resolve(endOf(socket, sink)); });
    });
    return { address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, end, close: () => server.close() };
  },
  async connect(address, sink) {
    const socket = peer<ClientModule>('socket.io-client').io(address, { transports: ['websocket'] });
    const end = endOf(socket, sink);
    await new Promise<void>((resolve) => { socket.on('connect', resolve); });
    return end;
  },
};

function endOf(socket: Socket, sink: Sink): End {
  socket.on('item', (index: number) => { sink.item(index); });
  socket.on('echo', (index: number, payload: string, reply: (index: number, payload: string) => void) => { reply(index, payload); });
  socket.on('sync', (reply: () => void) => { reply(); });
  let sent = 0;
  return {
    send(index) {
      socket.emit('item', index, PAYLOAD);
      return ++sent % WINDOW < WINDOW - 1;
    },
    drained: () => socket.emitWithAck('sync'),
    caller: (answered) => (index) => { socket.emit('echo', index, PAYLOAD, answered); },
    close: () => socket.disconnect(),
  };
}
