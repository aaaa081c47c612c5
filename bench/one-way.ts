import { fork } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { filter, firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import type { Contender, Rate } from './measure.js';

/** What the sending process is told. */
export interface SendOrder {
  readonly kind: 'rxmp' | 'raw';
  readonly address: string;
  /** The port to send to, for rxmp. */
  readonly port: string;
  readonly messages: number;
}

export const SECRET = 'bench';

/** One message: with its port and framing about 100 octets. */
export const PAYLOAD = 'x'.repeat(64);

/** Counts what arrives, sees that it is in order, and times it from the first to the last message. */
function counter(messages: number): { receive: (index: unknown) => void; done: Promise<Rate> } {
  let expected = 0;
  let start = 0;
  let finish: (rate: Rate) => void;
  let fail: (error: Error) => void;
  const done = new Promise<Rate>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const receive = (index: unknown): void => {
    if (index !== expected) fail(new Error(`message ${String(index)} came, expected ${expected}`));
    if (expected === 0) start = performance.now();
    expected++;
    if (expected === messages) finish({ perSecond: (messages / (performance.now() - start)) * 1000 });
  };
  return { receive, done };
}

async function sendFrom(order: SendOrder, done: Promise<Rate>): Promise<Rate> {
  const child = fork(new URL('./one-way-sender.js', import.meta.url), [JSON.stringify(order)], { stdio: 'inherit', execArgv: [] });
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the sending process ended with ${code}`));
    });
  });
  try {
    return await Promise.race([done, failed]);
  } finally {
    child.kill();
  }
}

/** Messages of 100 octets from one process to another, over one TCP connection, to one port. */
export function oneWayContenders(messages: number): Contender[] {
  return [
    {
      name: 'rxmp over TCP',
      run: async () => {
        await using node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET });
        const { receive, done } = counter(messages);
        const port = node.rcv(node.port(), { item: receive });
        return await sendFrom({ kind: 'rxmp', address: node.addresses[0] ?? '', port: port.id, messages }, done);
      },
    },
    {
      name: 'raw TCP, batched JSON lines',
      run: async () => {
        const { receive, done } = counter(messages);
        const server = createServer((socket) => {
          let rest = '';
          socket.setEncoding('utf8');
          socket.on('data', (chunk: string) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) receive((JSON.parse(line) as unknown[])[2]);
          });
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        try {
          const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
          return await sendFrom({ kind: 'raw', address, port: 'sink', messages }, done);
        } finally {
          server.close();
        }
      },
    },
  ];
}

/** Waits until a node is connected with the other one. */
export async function connected(node: Awaited<ReturnType<typeof createNode>>): Promise<void> {
  if (node.upNodes().length === 0) await firstValueFrom(node.monNodes().pipe(filter(({ up }) => up)));
}
