import type { Logger } from './env/log.js';
import { printable } from './wire/printable.js';

/** A log in whose lines nothing that others say does something to whoever reads them. */
export function printableLog(log: Logger): Logger {
  const level = (name: keyof Logger) => (details: object, text: string): void => { log[name](details, printable(text)); };
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}
