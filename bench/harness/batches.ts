import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP connection on which each turn of the event loop writes one line, a JSON array of all that it has to say. */
export interface Batches {
  /** False: enough waits in the socket. */
  push(item: unknown): boolean;
  drained(): Promise<unknown>;
  close(): void;
}

export function batchesOf(socket: Socket, receive: (items: unknown[]) => void): Batches {
  let waiting: unknown[] = [];
  let rest = '';
  const flush = (): void => {
    const items = waiting;
    waiting = [];
    socket.write(`${JSON.stringify(items)}\n`);
  };
  socket.setNoDelay();
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(JSON.parse(line) as unknown[]);
  });
  socket.on('error', () => socket.destroy());
  return {
    push(item) {
      if (waiting.push(item) === 1) setImmediate(flush);
      return !socket.writableNeedDrain;
    },
    drained: () => once(socket, 'drain'),
    close: () => socket.destroy(),
  };
}

/** Listens for one connection after the other on a free port of the loopback interface. */
export async function listenTcp(connection: (socket: Socket) => void): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer(connection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: String((server.address() as AddressInfo).port) };
}

export async function connectTcp(address: string): Promise<Socket> {
  const socket = connect(Number(address), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
