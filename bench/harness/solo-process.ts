import type { Running } from './measure.js';
import { answerRequests, orderOf } from './processes.js';
import type { SoloOrder } from './solo.js';

/** What a module of `solo/` has. */
interface SoloModule {
  open(settings: unknown): Promise<Running> | Running;
}

const { module, settings } = orderOf<SoloOrder>();
const { open } = (await import(`../solo/${module}.js`)) as SoloModule;
const running = await open(settings);
answerRequests<number>((operations) => running.run(operations), () => running.close?.());
