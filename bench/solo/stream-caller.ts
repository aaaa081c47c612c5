import { once } from 'node:events';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { createNode, type MpNode, type PortId } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { connected, SECRET } from '../systems/rxmp.js';

export interface StreamCallerSettings {
  readonly address: string;
  readonly echo: PortId<['echo', number, string]>;
  readonly port: string;
  readonly rawPort: number;
  /** By a connection of its own, through that of the nodes, no stream but a bare TCP connection, or nothing at all. */
  readonly way: 'direct' | 'channel' | 'raw' | 'none';
  /** MB a second; or round trips, a thousand a second, of which 99 of 100 take no longer, in µs. */
  readonly measure: 'rate' | 'trips';
}

const MB = 1_000_000;
const chunk = new Uint8Array(64 * 1024).map((_, i) => (i * 7) % 256);

/** Opens streams to a port of another process. */
export async function open({ address, echo, port, rawPort, way, measure }: StreamCallerSettings): Promise<Running> {
  const node = await createNode({ seeds: [address], secret: SECRET });
  await connected(node);
  return {
    async run(operations) {
      const pipe = way === 'none' ? undefined : way === 'raw' ? await rawPipe(rawPort) : await streamPipe(node, port);
      if (measure === 'rate') return await rate(pipe, operations * MB);
      const trips = (): Promise<number> => tripsOf(node, echo, operations);
      return await (pipe === undefined ? trips() : beside(pipe, trips));
    },
    close: () => node.close(),
  };
}

/** Something that octets can be written to. */
interface Pipe {
  write(octets: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
  abort(): unknown;
}

async function streamPipe(node: MpNode, port: string): Promise<Pipe> {
  const stream = node.openStream(port);
  const writer = stream.writable.getWriter();
  await stream.opened;
  return {
    write: (octets) => writer.write(octets),
    close: () => writer.close(),
    abort: () => Promise.all([writer.abort(), stream.readable.cancel()]),
  };
}

async function rawPipe(port: number): Promise<Pipe> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let goOn: () => void = () => undefined;
  for (const event of ['drain', 'close']) socket.on(event, () => { goOn(); });
  return {
    async write(octets) {
      if (!socket.write(octets)) await new Promise<void>((resolve) => { goOn = resolve; });
    },
    async close() {
      socket.end();
      await once(socket, 'close');
    },
    abort: () => socket.destroy(),
  };
}

/** Megabytes a second, until all has arrived. */
async function rate(pipe: Pipe | undefined, octets: number): Promise<number> {
  const start = performance.now();
  for (let left = octets; left > 0; left -= chunk.length) await pipe?.write(chunk);
  await pipe?.close();
  return octets / MB / ((performance.now() - start) / 1000);
}

/** Writes as much as goes while something else is done. */
async function beside<T>(pipe: Pipe, what: () => Promise<T>): Promise<T> {
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await pipe.write(chunk);
  })().catch(() => undefined);
  const result = await what();
  isOver = true;
  await pipe.abort();
  await writing;
  return result;
}

async function tripsOf(node: MpNode, echo: StreamCallerSettings['echo'], trips: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < trips; i++) {
    const start = performance.now();
    await firstValueFrom(node.cal(echo, 'echo', i));
    times.push((performance.now() - start) * 1000);
    await wait(1);
  }
  return times.sort((a, b) => a - b)[Math.floor(0.99 * (times.length - 1))] ?? Number.NaN;
}
