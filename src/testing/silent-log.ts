import type { Logger } from '../env/log.js';

const silence = (): void => undefined;

/** A logger that says nothing, for nodes whose troubles are the point of a test. */
export const silentLog: Logger = { debug: silence, info: silence, warn: silence, error: silence };
