import { performance } from 'node:perf_hooks';
import { createNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { startHelper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';
import { SECRET } from '../systems/rxmp.js';
import type { BesideSettings, Load } from './caller.js';

/** How long the slow port takes for a message, ms. */
const SLOW = 0.1;

/** Round trips beside other traffic of the same connection: 99 of 100 take no longer, in µs. */
export async function open(load: Load): Promise<Running> {
  const node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET });
  const fast = node.rcv(node.port<['echo', number, string]>(), { echo: (index, reply) => node.snd(reply, index) });
  const other = node.rcv(node.port<['slow'] | ['large', string, string]>(), {
    slow: () => {
      for (const end = performance.now() + SLOW; performance.now() < end; );
    },
    large: (text, reply) => node.snd(reply, text.length),
  });
  const settings: BesideSettings = { address: node.addresses[0] ?? '', fast: fast.id, other: other.id, load };
  const order: SoloOrder = { module: 'caller', settings };
  const caller = await startHelper('harness/solo-process.js', order);
  return {
    run: async (trips) => (await caller.ask(trips)) as number,
    async close() {
      await caller.close();
      await node.close();
    },
  };
}
