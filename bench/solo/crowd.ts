import { filter, firstValueFrom } from 'rxjs';
import { createNode, type PortId } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { connected, SECRET } from '../systems/rxmp.js';

export interface CrowdSettings {
  readonly address: string;
  readonly port: PortId<['add', number]>;
  readonly nodes: number;
}

/** Messages of one node in one turn, at most. */
const BATCH = 100;

/** Nodes of one process that all send to one port elsewhere. */
export async function open({ address, port, nodes: count }: CrowdSettings): Promise<Running> {
  const nodes = await Promise.all(
    Array.from({ length: count }, async () => {
      const node = await createNode({ seeds: [address], secret: SECRET });
      await connected(node);
      return { node, writable$: (await firstValueFrom(node.connections$)).writable$ };
    }),
  );
  return {
    async run(messages) {
      for (let left = messages; left > 0; ) {
        for (const { node, writable$ } of nodes) {
          const batch = Math.min(BATCH, left, Math.ceil(messages / count));
          left -= batch;
          let isBelow = true;
          for (let i = 0; i < batch; i++) isBelow = node.snd(port, 'add', 1);
          if (!isBelow) await firstValueFrom(writable$.pipe(filter(Boolean)));
        }
        await new Promise(setImmediate);
      }
      return messages;
    },
    close: () => Promise.all(nodes.map(({ node }) => node.close())),
  };
}
