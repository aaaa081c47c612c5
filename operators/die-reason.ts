import type { Reason } from '../src/index.js';

/** What an exception makes of the port it kills (S5): the text of an `Error`, anything else as it is. */
export function dieReason(error: unknown): Reason {
  return ['die', error instanceof Error ? error.message : error];
}
