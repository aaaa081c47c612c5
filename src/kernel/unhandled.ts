import { config } from 'rxjs';
import type { Logger } from '../env/log.js';
import { PortDied } from './errors.js';

const loggers = new WeakMap<Error, Logger>();
let installed = false;

/** Names the log that hears of this error if no subscriber handles it. */
export function reportable(error: PortDied, log: Logger): PortDied {
  loggers.set(error, log);
  return error;
}

/**
 * RxJS throws what no subscriber handles, which ends a Node.js process. The death of a port is nothing to end a process
 * for, least of all one that a peer caused (S15): it is logged. All other errors go where they went before.
 */
export function logUnhandledDeaths(): void {
  if (installed) return;
  installed = true;
  const before = config.onUnhandledError;
  config.onUnhandledError = (error: unknown) => {
    const log = error instanceof PortDied ? loggers.get(error) : undefined;
    if (log !== undefined) log.warn({ err: error }, `no subscriber handled: ${(error as PortDied).message}`);
    else if (before !== null) before(error);
    else throw error;
  };
}
