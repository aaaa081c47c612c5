import { firstValueFrom } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { connected, SECRET } from '../systems/rxmp.js';

/** A guest that does nothing, one that has called a node behind its gate, or a node of the network. */
export type Visitor = 'guest' | 'caller' | 'node';

export interface VisitorsSettings {
  /** Of the gate. */
  readonly address: string;
  readonly visitor: Visitor;
}

/** So many come at a time: more would wait for each other longer than a handshake may take. */
const TOGETHER = 20;

/** So many come and stay; 0: all go. */
export function open({ address, visitor }: VisitorsSettings): Running {
  const nodes: MpNode[] = [];
  const come = async (i: number): Promise<MpNode> => {
    const node = await createNode({ seeds: [address], ...(visitor === 'node' ? { secret: SECRET } : { credentials: `user ${i}` }) });
    await connected(node);
    if (visitor === 'caller') await firstValueFrom(node.cal('behind', 'bench::echo', i));
    return node;
  };
  const close = (): Promise<unknown> => Promise.all(nodes.splice(0).map((node) => node.close()));
  return {
    async run(count) {
      await close();
      while (nodes.length < count) {
        const first = nodes.length;
        nodes.push(...(await Promise.all(Array.from({ length: Math.min(TOGETHER, count - first) }, (_, i) => come(first + i)))));
      }
      return count;
    },
    close,
  };
}
