import type { Logger } from './log.js';

/** Warnings and errors on the console of a browser, for nodes without a logger of their own. */
export const consoleLog: Logger = {
  error: (details, text) => { console.error(`rxmp: ${text}`, details); },
  warn: (details, text) => { console.warn(`rxmp: ${text}`, details); },
  info: () => undefined,
  debug: () => undefined,
};
