import { config } from 'rxjs';
import type { Logger } from '../env/log.js';
import { CallTimeout, Forbidden, NodeClosed, PortDied, StreamAborted, StreamRefused } from './errors.js';
import { isAbort } from './until-aborted.js';

const loggers = new WeakMap<Error, Logger>();
let installed = false;

/** Names the log that hears of this error if no subscriber handles it. */
export function reportable<E extends PortDied | CallTimeout | NodeClosed | Forbidden>(error: E, log: Logger): E {
  loggers.set(error, log);
  return error;
}

/** Ends that a peer, or the node itself, may bring about: nobody has to handle them. */
const isEnd = (error: unknown): error is Error => ENDS.some((kind) => error instanceof kind);

const ENDS = [PortDied, Forbidden, CallTimeout, NodeClosed, StreamAborted, StreamRefused];

/** For streams that belong to the application: what their subscribers throw, and what none handles, is logged (S36). */
export function logged(log: Logger, what: string): (error: unknown) => void {
  return (error) => {
    if (isEnd(error)) log.warn({ err: error }, `no subscriber handled: ${error.message}`);
    else log.error({ err: error }, `a subscriber of ${what} threw: ${error instanceof Error ? error.message : String(error)}`);
  };
}

/**
 * RxJS throws what no subscriber handles, which ends a Node.js process. That a port died, or did not answer, is nothing to
 * end a process for, since a peer can cause it (S15): it is logged, in `log` unless the error names a node's. All other errors
 * go where they went before.
 */
export function logUnhandledDeaths(log: () => Logger): void {
  if (installed) return;
  installed = true;
  const before = config.onUnhandledError;
  config.onUnhandledError = (error: unknown) => {
    // operators make such errors too, without a node's log
    if (isAbort(error)) return;
    if (isEnd(error)) {
      (loggers.get(error) ?? log()).warn({ err: error }, `no subscriber handled: ${error.message}`);
    } else if (before !== null) before(error);
    else throw error;
  };
}
