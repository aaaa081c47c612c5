import type { Batching } from './message.js';

/** What no message has more of than octets: brackets, quotes and commas around an element, and a line's end. */
const AROUND = 3;
/** The longest that a number, true, false or null may get, in octets. */
const LONGEST_OTHER = 25;

/**
 * Many short messages with one call of `JSON.stringify`, which costs two thirds of a call for each. Its text has a comma
 * between two messages where the wire has an LF. `],[` stands between any two messages; where it stands nowhere else,
 * since no text has it and no message has an array in it, there are as many as there are gaps.
 */
export const jsonBatching: Batching = {
  lengthOf(portName, message) {
    let length = portName.length + 2 * AROUND;
    for (const value of message) {
      if (typeof value === 'string') length += value.length + AROUND;
      else if (typeof value === 'number' || typeof value === 'boolean' || value === null) length += LONGEST_OTHER;
      else return undefined;
    }
    return length;
  },
  encode(batch) {
    if (batch.length === 1) return `${JSON.stringify(batch[0])}\n`;
    const lines = JSON.stringify(batch).slice(1, -1).split('],[');
    if (lines.length === batch.length) return `${lines.join(']\n[')}\n`;
    return batch.map((message) => `${JSON.stringify(message)}\n`).join('');
  },
};
