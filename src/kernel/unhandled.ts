import { config } from 'rxjs';
import { defaultLog } from '../env/default-log.js';
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
    // operators make such errors too, without a node's log
    if (error instanceof PortDied) {
      (loggers.get(error) ?? defaultLog()).warn({ err: error }, `no subscriber handled: ${error.message}`);
    } else if (before !== null) before(error);
    else throw error;
  };
}
