import { performance } from 'node:perf_hooks';
import { firstValueFrom, repeat, type Subscription } from 'rxjs';
import { createNode, type PortId } from 'rxmp';
import { percentile, type Running } from '../harness/measure.js';
import { connected, SECRET } from '../systems/rxmp.js';

/** Nothing else, messages to a port that is slow, or one large message after the other, in octets. */
export type Load = 'nothing' | 'slow' | number;

export interface BesideSettings {
  readonly address: string;
  readonly fast: PortId<['echo', number, string]>;
  readonly other: PortId<['slow'] | ['large', string, string]>;
  readonly load: Load;
}

/** Messages to the slow port for each round trip. */
const SLOW_MESSAGES = 5;

/** Calls a port, one call at a time, while it keeps another port of the same node busy. */
export async function open({ address, fast, other, load }: BesideSettings): Promise<Running> {
  const node = await createNode({ seeds: [address], secret: SECRET });
  await connected(node);
  const text = 'x'.repeat(typeof load === 'number' ? load : 0);
  const large = (): Subscription => node.cal(other, 'large', text).pipe(repeat()).subscribe();
  return {
    async run(trips) {
      const traffic = typeof load === 'number' ? large() : undefined;
      const times: number[] = [];
      for (let i = 0; i < trips; i++) {
        if (load === 'slow') for (let sent = 0; sent < SLOW_MESSAGES; sent++) node.snd(other, 'slow');
        const start = performance.now();
        await firstValueFrom(node.cal(fast, 'echo', i));
        times.push((performance.now() - start) * 1000);
      }
      traffic?.unsubscribe();
      return percentile(times, 0.99);
    },
    close: () => node.close(),
  };
}
