import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { lastValueFrom, mergeMap, range } from 'rxjs';
import { createNode } from 'rxmp';
import type { Contender, Rate } from './measure.js';
import { connected, PAYLOAD, SECRET } from './one-way.js';

/** What the answering process says when it listens. */
export interface EchoAddress {
  readonly address: string;
  readonly port: string;
}

async function withEcho(kind: 'rxmp' | 'raw', use: (echo: EchoAddress) => Promise<Rate>): Promise<Rate> {
  const child: ChildProcess = fork(new URL('./echo.js', import.meta.url), [kind], { stdio: 'inherit', execArgv: [] });
  try {
    const [echo] = (await once(child, 'message')) as [EchoAddress];
    return await use(echo);
  } finally {
    child.kill();
  }
}

/** Round trips between two processes, so many at a time; each is 100 octets both ways. */
export function roundTripContenders(trips: number, outstanding: number): Contender[] {
  return [
    {
      name: 'rxmp, cal',
      run: () =>
        withEcho('rxmp', async ({ address, port }) => {
          await using node = await createNode({ seeds: [address], secret: SECRET });
          await connected(node);
          const start = performance.now();
          await lastValueFrom(range(0, trips).pipe(mergeMap((i) => node.cal(port, 'echo', i, PAYLOAD), outstanding)));
          return { perSecond: (trips / (performance.now() - start)) * 1000 };
        }),
    },
    {
      name: 'raw TCP, JSON lines by turn',
      run: () => withEcho('raw', async ({ address }) => await rawTrips(address, trips, outstanding)),
    },
  ];
}

async function rawTrips(address: string, trips: number, outstanding: number): Promise<Rate> {
  const [host = '', port = ''] = address.split(':');
  const socket = createConnection({ host, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const write = byTurn(socket);
  let sent = 0;
  let answered = 0;
  const start = performance.now();
  await new Promise<void>((resolve) => {
    onLines(socket, () => {
      if (++answered === trips) resolve();
      else if (sent < trips) write(`${JSON.stringify(['echo', 'echo', sent++, PAYLOAD, 'reply'])}\n`);
    });
    while (sent < Math.min(outstanding, trips)) write(`${JSON.stringify(['echo', 'echo', sent++, PAYLOAD, 'reply'])}\n`);
  });
  const rate = { perSecond: (trips / (performance.now() - start)) * 1000 };
  socket.destroy();
  return rate;
}

/** Writes what one turn of the event loop has to say in one piece. */
export function byTurn(socket: Socket): (text: string) => void {
  let waiting = '';
  return (text) => {
    if (waiting === '') {
      setImmediate(() => {
        socket.write(waiting);
        waiting = '';
      });
    }
    waiting += text;
  };
}

/** Calls back with each line as JSON. */
export function onLines(socket: Socket, line: (value: unknown) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(JSON.parse(text));
  });
}
