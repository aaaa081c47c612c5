import { dieReason, toReason, type Reason } from '../../kernel/core/message.js';

/** What somebody has given as the reason to abort or to cancel a stream, as it travels: nothing, a reason, or what went wrong. */
export function reasonOf(given: unknown): Reason {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given)) return toReason(given as unknown[]);
  // of another stream, or of a port: what was wrong there is what is wrong here
  if (given instanceof Error && 'reason' in given && Array.isArray(given.reason)) return toReason(given.reason as unknown[]);
  return dieReason(given);
}
