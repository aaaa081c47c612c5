import type { Running } from '../harness/measure.js';
import { startHelper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';

/** Each run has a process of its own: for what a process never gives back. */
export function open(order: SoloOrder): Running {
  return {
    async run(operations) {
      const helper = await startHelper('harness/solo-process.js', order, { execArgv: ['--expose-gc'] });
      const figure = (await helper.ask(operations)) as number;
      await helper.close();
      return figure;
    },
  };
}
