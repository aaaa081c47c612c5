import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Contender, Rate } from './measure.js';

/** Updates of one turn, as in the bench that stands beside it. */
const BATCH = 500;

interface Order {
  readonly port: number;
  readonly keys: number;
  readonly updates: number;
}

/**
 * What bounds a watched family: a Map here, lines of JSON with keys and values in one list over TCP, a Map over there; no names, no
 * checks, no merge, no monitors, and nobody who looks at what has changed.
 */
export function rawWatchContender(keys: number, updates: number): Contender {
  return {
    name: 'Map, JSON and TCP, bare',
    async run(): Promise<Rate> {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const order: Order = { port: (server.address() as AddressInfo).port, keys, updates };
      const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(order)], { execArgv: [] });
      const done = once(child, 'message') as Promise<[Rate]>;
      const [socket] = (await once(server, 'connection')) as [ReturnType<typeof connect>];
      const map = new Map<string, number>();
      for (let i = 0; i < keys; i++) map.set(`key/${i}`, i);
      for (let at = 0; at < updates; ) {
        const list: unknown[] = [];
        for (const end = Math.min(at + BATCH, updates); at < end; at++) {
          const key = `key/${(at * 7919) % keys}`;
          if (map.get(key) !== -at - 1) map.set(key, -at - 1);
          list.push(key, -at - 1);
        }
        const isFull = !socket.write(`${JSON.stringify(list)}\n`);
        if (isFull) await once(socket, 'drain');
        else await new Promise(setImmediate);
      }
      const [rate] = await done;
      socket.destroy();
      server.close();
      child.kill();
      return rate;
    },
  };
}

/** The other process. */
function watch({ port, keys, updates }: Order): void {
  const map = new Map<string, number>();
  for (let i = 0; i < keys; i++) map.set(`key/${i}`, i);
  let rest = '';
  let seen = 0;
  let start = 0;
  connect(port, '127.0.0.1')
    .setEncoding('utf8')
    .on('data', (chunk: string) => {
      if (start === 0) start = performance.now();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const list = JSON.parse(line) as unknown[];
        for (let i = 0; i < list.length; i += 2) {
          const key = list[i] as string;
          if (map.get(key) !== list[i + 1]) map.set(key, list[i + 1] as number);
        }
        seen += list.length / 2;
      }
      if (seen === updates) process.send?.({ perSecond: (updates / (performance.now() - start)) * 1000 } satisfies Rate);
    });
}

const [, program, order] = process.argv;
if (program === fileURLToPath(import.meta.url) && order !== undefined) watch(JSON.parse(order) as Order);
