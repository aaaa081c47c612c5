import { MessageTooLarge } from '../../wire/errors.js';
import type { AnyMessage, Reason } from './message.js';

/**
 * Sends a message that ends with a reason. The reason may hold anything, as what a handler threw; details that can't travel
 * are replaced by a text, since who monitors has to be told.
 */
export function sendWithReason(send: (message: AnyMessage) => boolean, head: AnyMessage, reason: Reason): void {
  try {
    send([...head, ...reason]);
  } catch (error) {
    if (!(error instanceof MessageTooLarge || error instanceof TypeError)) throw error;
    send([...head, reason[0], `its details can't be sent: ${error.message}`]);
  }
}
