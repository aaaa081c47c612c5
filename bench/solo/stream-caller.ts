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
  /** By a connection of its own, through that of the nodes, or no stream at all. */
  readonly way: 'direct' | 'channel' | 'none';
  /** MB a second; or round trips, a thousand a second, of which 99 of 100 take no longer, in µs. */
  readonly measure: 'rate' | 'trips';
}

const MB = 1_000_000;
const chunk = new Uint8Array(64 * 1024).map((_, i) => (i * 7) % 256);

/** Opens streams to a port of another process. */
export async function open({ address, echo, port, way, measure }: StreamCallerSettings): Promise<Running> {
  const node = await createNode({ seeds: [address], secret: SECRET });
  await connected(node);
  return {
    run: measure === 'rate' ? (megabytes) => rate(node, port, megabytes * MB) : (trips) => beside(node, port, way, () => tripsOf(node, echo, trips)),
    close: () => node.close(),
  };
}

/** Megabytes a second, from the opening until all has arrived. */
async function rate(node: MpNode, port: string, octets: number): Promise<number> {
  const start = performance.now();
  const writer = node.openStream(port).writable.getWriter();
  for (let left = octets; left > 0; left -= chunk.length) await writer.write(chunk);
  await writer.close();
  return octets / MB / ((performance.now() - start) / 1000);
}

/** Does something while a stream carries as much as goes. */
async function beside<T>(node: MpNode, port: string, way: StreamCallerSettings['way'], what: () => Promise<T>): Promise<T> {
  if (way === 'none') return await what();
  const controller = new AbortController();
  const stream = node.openStream(port, { signal: controller.signal });
  const writer = stream.writable.getWriter();
  await stream.opened;
  const writing = (async () => {
    for (;;) await writer.write(chunk);
  })().catch(() => undefined);
  const result = await what();
  controller.abort();
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
