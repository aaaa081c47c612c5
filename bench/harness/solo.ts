import type { Contender, Running } from './measure.js';
import { startHelper } from './processes.js';

export interface SoloOptions {
  readonly operations?: number;
  readonly absent?: string | undefined;
  /** With the garbage collector at hand. */
  readonly gc?: boolean;
}

/** A process of its own for a contender, so that none meets another one's garbage, or what the engine has learnt of it. */
export interface SoloOrder {
  /** A module of `solo/`. */
  readonly module: string;
  readonly settings: unknown;
}

/** Whatever `module` opens with these settings. */
export function solo(id: string, name: string, module: string, settings: unknown, { gc = false, ...options }: SoloOptions = {}): Contender {
  return {
    id,
    name,
    ...options,
    async open(): Promise<Running> {
      const order: SoloOrder = { module, settings };
      const helper = await startHelper('harness/solo-process.js', order, { execArgv: gc ? ['--expose-gc'] : [] });
      return { run: async (operations) => (await helper.ask(operations)) as number, close: () => helper.close() };
    },
  };
}
