import { createNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { connected, SECRET } from '../systems/rxmp.js';

export interface BehindSettings {
  /** Of the gate. */
  readonly address: string;
}

/** A node behind a gate, which answers. */
export async function open({ address }: BehindSettings): Promise<Running> {
  const node = await createNode({ nodeid: 'behind', binds: ['127.0.0.1:0'], seeds: [address], secret: SECRET });
  node.register('bench::echo', (_self, value, reply) => node.snd(String(reply), value));
  await connected(node);
  return { run: () => 0, close: () => node.close() };
}
