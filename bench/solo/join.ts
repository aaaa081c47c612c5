import { connect, type Socket } from 'node:net';
import { createCounter } from '../harness/counter.js';
import { listenTcp } from '../harness/batches.js';
import type { Running } from '../harness/measure.js';
import { startHelper } from '../harness/processes.js';
import { system } from '../systems/family.js';
import type { SoloOrder } from '../harness/solo.js';

export interface JoinSettings {
  readonly keys: number;
  readonly figure: 'keys a second' | 'octets a key';
}

/** A new slave gets a family through a proxy that counts octets, in both directions. */
export async function open({ keys, figure }: JoinSettings): Promise<Running> {
  const listening = await system.listen(createCounter(), { keys });
  const [host = '', port = ''] = listening.address.split(':');
  let octets = 0;
  const { server, address } = await listenTcp((near) => {
    const far = connect({ host, port: Number(port) });
    const count = (chunk: Buffer): void => void (octets += chunk.length);
    pass(near, far, count);
    pass(far, near, count);
  });
  return {
    async run() {
      octets = 0;
      const order: SoloOrder = { module: 'slave', settings: `127.0.0.1:${address}` };
      const slave = await startHelper('harness/solo-process.js', order);
      const rate = (await slave.ask(keys)) as number;
      await slave.close();
      return figure === 'octets a key' ? octets / keys : rate;
    },
    close() {
      server.close();
      return listening.close();
    },
  };
}

function pass(from: Socket, to: Socket, count: (chunk: Buffer) => void): void {
  from.on('data', (chunk: Buffer) => {
    count(chunk);
    to.write(chunk);
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}
