import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { startHelper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';
import { SECRET } from '../systems/rxmp.js';
import type { StreamCallerSettings } from './stream-caller.js';

export type StreamSettings = Pick<StreamCallerSettings, 'way' | 'measure'>;

/** A node that takes streams and answers calls; another process does both with it. */
export async function open({ way, measure }: StreamSettings): Promise<Running> {
  // who tells no addresses has no connections for streams
  const node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET, ...(way === 'channel' && { advertise: [] }) });
  const echo = node.rcv(node.port<['echo', number, string]>(), { echo: (index, reply) => node.snd(reply, index) });
  const port = node.port();
  node.streams(port).subscribe(({ stream }) => {
    // reads it all, and keeps nothing
    void stream.readable.pipeTo(new WritableStream()).catch(() => undefined);
  });
  // the least that there is: read as fast as it comes, and drop it
  const raw = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(raw, 'listening');
  const { port: rawPort } = raw.address() as AddressInfo;
  const settings: StreamCallerSettings = { address: node.addresses[0] ?? '', echo: echo.id, port: port.id, rawPort, way, measure };
  const order: SoloOrder = { module: 'stream-caller', settings };
  const caller = await startHelper('harness/solo-process.js', order);
  return {
    run: async (operations) => (await caller.ask(operations)) as number,
    async close() {
      await caller.close();
      raw.close();
      await node.close();
    },
  };
}
