import type { Batch } from './message.js';

/** What a message has at most beside its port name and its elements: brackets, a line's end, a count of its elements. */
const AROUND_MESSAGE = 8;
/** What no element has more of than octets: quotes and a comma. */
const AROUND = 3;
/** The longest that a number, true, false or null may get, in octets. */
const LONGEST_OTHER = 25;

/** How long a message of plain values gets as JSON (`Batching.lengthOf`). */
export function lengthOf(portName: string, message: readonly unknown[]): number | undefined {
  let length = portName.length + AROUND + AROUND_MESSAGE;
  for (const value of message) {
    if (typeof value === 'string') length += value.length + AROUND;
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) length += LONGEST_OTHER;
    else return undefined;
  }
  return length;
}

/** Messages that are written as one line each. */
export function createJsonBatch(): Batch {
  let messages: unknown[][] = [];
  return {
    add(portName, message) {
      messages.push([portName, ...message]);
    },
    take(longest) {
      const whole = linesOf(messages);
      const pieces = whole.length > longest ? messages.map(lineOf) : [whole];
      messages = [];
      return pieces;
    },
  };
}

const lineOf = (message: readonly unknown[]): string => `${JSON.stringify(message)}\n`;

/**
 * Many short messages with one call of `JSON.stringify`, which costs two thirds of a call for each. Its text has a comma
 * between two messages where the wire has an LF. `],[` stands between any two messages; where it stands nowhere else,
 * since no text has it and no message has an array in it, there are as many as there are gaps.
 */
function linesOf(messages: readonly (readonly unknown[])[]): string {
  const lines = JSON.stringify(messages).slice(1, -1).split('],[');
  if (lines.length === messages.length) return `${lines.join(']\n[')}\n`;
  return messages.map(lineOf).join('');
}
