import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Sink } from '../harness/counter.js';
import { peer } from '../harness/peers.js';
import { PAYLOAD, type End, type System } from '../harness/system.js';

interface Message {
  readonly subject: string;
  json<T>(): T;
  respond(payload: string): void;
}
interface Connection {
  publish(subject: string, payload?: string): void;
  request(subject: string, payload: string, options: object): Promise<Message>;
  subscribe(subject: string, options: { callback: (error: unknown, message: Message) => void }): unknown;
  flush(): Promise<void>;
  close(): Promise<void>;
}
interface Module {
  connect(options: { servers: string }): Promise<Connection>;
}

/** Its flush waits for the server only: so many messages go, then the receiver is asked whether they have come. */
const WINDOW = 10_000;

/** NATS: a server between the two ends, which the listening one starts. Payloads are JSON. */
export const system: System = {
  async listen(sink) {
    const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', '-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stderr }).on('line', (line) => {
        const [, found] = /client connections on (\S+)/.exec(line) ?? [];
        if (found !== undefined) resolve(found);
      });
      server.once('exit', () => { reject(new Error('nats-server ended before it listened')); });
    });
    const { end, connection } = await endOf(address, 'up', 'down', sink);
    return {
      address,
      end: Promise.resolve(end),
      async close() {
        await connection.close();
        server.kill();
      },
    };
  },
  connect: async (address, sink) => (await endOf(address, 'down', 'up', sink)).end,
};

/** Takes messages of one subject, sends to the other one. */
async function endOf(address: string, taken: string, given: string, sink: Sink): Promise<{ readonly end: End; readonly connection: Connection }> {
  const connection = await peer<Module>('@nats-io/transport-node').connect({ servers: address });
  connection.subscribe(taken, { callback: (_, message) => { sink.item(message.json<[number]>()[0]); } });
  connection.subscribe(`${taken}.echo`, { callback: (_, message) => { message.respond(JSON.stringify(message.json())); } });
  await connection.flush();
  const payload = (index: number): string => JSON.stringify([index, PAYLOAD]);
  let sent = 0;
  const end: End = {
    send(index) {
      connection.publish(given, payload(index));
      return ++sent % WINDOW < WINDOW - 1;
    },
    drained: () => connection.request(`${given}.echo`, payload(0), { timeout: 60_000 }),
    caller: (answered) => (index) => void connection.request(`${given}.echo`, payload(index), { timeout: 10_000 }).then(answered),
    close: () => connection.close(),
  };
  return { end, connection };
}
