import { firstValueFrom } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import { perSecond, type Running } from '../harness/measure.js';

/** Something of which there are few or many. */
export interface GrowingSettings {
  readonly what: keyof typeof growing;
  readonly count: number;
}

/** Does so many operations; gives how many had an effect. */
type Work = (operations: number) => Promise<number> | number;

const growing = {
  /** Messages to one port, by tags. */
  tags(node, count): Work {
    let received = 0;
    const tags = Array.from({ length: count }, (_, i) => `tag${i}`);
    const { id } = node.rcv(node.port(), Object.fromEntries(tags.map((tag) => [tag, (n: number) => void (received += n)])));
    return (operations) => {
      received = 0;
      for (let i = 0; i < operations; i++) node.snd(id, tags[(i * 7) % count] ?? '', 1);
      return received;
    };
  },
  /** Monitors of ports that are killed, so many of each. */
  monitors(node, count): Work {
    return async (operations) => {
      let fired = 0;
      for (let watched = 0; watched < operations; watched += count) {
        const port = node.port();
        const dead = firstValueFrom(node.mon(port));
        for (let i = 0; i < Math.min(count, operations - watched); i++) node.mon(port, () => { fired++; });
        node.kil(port);
        await dead;
      }
      return fired;
    };
  },
} satisfies Readonly<Record<string, (node: MpNode, count: number) => Work>>;

export async function open({ what, count }: GrowingSettings): Promise<Running> {
  const node = await createNode();
  const work = growing[what](node, count);
  return {
    run: (operations) =>
      perSecond(operations, async () => {
        const done = await work(operations);
        if (done !== operations) throw new Error(`${what}: ${done} of ${operations} have arrived`);
      }),
    close: () => node.close(),
  };
}
