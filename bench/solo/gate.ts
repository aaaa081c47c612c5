import { filter, firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import { spawn } from 'rxmp/guests';
import type { Running } from '../harness/measure.js';
import { startHelper, type Helper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';
import { SECRET } from '../systems/rxmp.js';
import type { BehindSettings } from './behind.js';
import type { Visitor, VisitorsSettings } from './visitors.js';

export interface GateSettings {
  /** Octets of the heap, and of the process, after the garbage has been collected; or ms of processors for letting it in. */
  readonly what: 'heap' | 'rss' | 'cpu';
  readonly visitor: Visitor;
}

/** What a gate spends on each of so many visitors, all there at a time; they are in another process. */
export async function open({ what, visitor }: GateSettings): Promise<Running> {
  const gate = await createNode({
    ...{ nodeid: 'gate', binds: ['ws://127.0.0.1:0'], secret: SECRET },
    guests: { admit: (user) => ({ user, may: [spawn('bench::echo', { node: 'behind' })] }) },
  });
  const address = gate.addresses[0] ?? '';
  const helpers: Helper[] = [];
  const start = async (module: string, settings: BehindSettings | VisitorsSettings): Promise<Helper> => {
    const helper = await startHelper('harness/solo-process.js', { module, settings } satisfies SoloOrder);
    helpers.push(helper);
    return helper;
  };
  await start('behind', { address });
  const visitors = await start('visitors', { address, visitor });
  // that of the node behind the gate
  const others = 1;

  const spent = (): number => {
    if (what === 'cpu') {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    }
    globalThis.gc?.();
    return process.memoryUsage()[what === 'heap' ? 'heapUsed' : 'rss'];
  };
  return {
    async run(count) {
      const before = spent();
      await visitors.ask(count);
      const each = (spent() - before) / count;
      const up = gate.upNodes().length - others;
      if (up !== count) throw new Error(`${up} visitors are there, expected ${count}`);
      await visitors.ask(0);
      if (gate.upNodes().length > others) await firstValueFrom(gate.monNodes().pipe(filter(() => gate.upNodes().length === others)));
      return each;
    },
    async close() {
      for (const helper of helpers.toReversed()) await helper.close();
      await gate.close();
    },
  };
}
