import { MessageTooLarge } from '../../wire/errors.js';
import type { Reason } from './message.js';

/**
 * Sends something with a reason in it. The reason may hold anything, as what a handler threw; details that can't travel are
 * replaced by a text, since who monitors has to be told.
 */
export function sendWithReason(send: (reason: Reason) => unknown, reason: Reason): void {
  try {
    send(reason);
  } catch (error) {
    const [kind] = reason;
    if (kind === undefined || !(error instanceof MessageTooLarge || error instanceof TypeError)) throw error;
    send([kind, `its details can't be sent: ${error.message}`]);
  }
}
