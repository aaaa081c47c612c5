import { filter, firstValueFrom, Subject } from 'rxjs';
import { createNode } from 'rxmp';
import { perSecond, type Running } from '../harness/measure.js';
import { startHelper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';
import { SECRET } from '../systems/rxmp.js';
import type { CrowdSettings } from './crowd.js';

/** Messages that a node gets over so many connections, round, from nodes of another process. */
export async function open(connections: number): Promise<Running> {
  const node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET });
  let received = 0;
  let expected = 0;
  const all$ = new Subject<void>();
  const port = node.rcv(node.port<['add', number]>(), {
    add: (n) => {
      received += n;
      if (received === expected) all$.next();
    },
  });
  const order: SoloOrder = { module: 'crowd', settings: { address: node.addresses[0] ?? '', port: port.id, nodes: connections } satisfies CrowdSettings };
  const crowd = await startHelper('harness/solo-process.js', order);
  if (node.upNodes().length < connections) await firstValueFrom(node.monNodes().pipe(filter(() => node.upNodes().length === connections)));
  return {
    run: (messages) =>
      perSecond(messages, async () => {
        received = 0;
        expected = messages;
        const all = firstValueFrom(all$);
        await crowd.ask(messages);
        await all;
      }),
    async close() {
      await crowd.close();
      await node.close();
    },
  };
}
