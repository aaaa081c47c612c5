import { destination, pino } from 'pino';
import type { Logger } from './log.js';

let shared: Logger | undefined;

/** Warnings and errors on standard error, for nodes without a logger of their own; one for the whole process. */
export function defaultLog(): Logger {
  return (shared ??= pino({ name: 'rxmp', level: 'warn' }, destination({ fd: 2, sync: true })));
}
