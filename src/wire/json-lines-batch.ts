import { ProtocolError } from './errors.js';
import { kindOf, type Batch, type Deliver } from './message.js';

/** A batch is no longer than that, in octets: it is parsed as a whole, and what its brackets cost is known afterwards only. */
export const LONGEST_BATCH = 1024 * 1024;

/**
 * Messages that are written as one line: `[messages, port, elements, element, ..., elements, element, ...]`. The first is how
 * many messages there are; a text where a number could be is the port of those that follow. One flat list costs two thirds of a list of
 * lists, to write and to read.
 *
 * @example
 * // three messages to two ports
 * [3,"a",2,"item",1,2,"item",2,"b",0]
 */
export function createJsonLinesBatch(): Batch {
  let list: unknown[] = [0];
  let count = 0;
  let port: string | undefined;
  return {
    add(portName, message) {
      count++;
      if (portName !== port) list.push((port = portName));
      list.push(message.length);
      for (const element of message) list.push(element);
    },
    take(longest) {
      list[0] = count;
      const whole = `${JSON.stringify(list)}\n`;
      const pieces = whole.length > longest ? linesOf(list) : [whole];
      list = [0];
      count = 0;
      port = undefined;
      return pieces;
    },
  };
}

function linesOf(list: readonly unknown[]): string[] {
  const lines: string[] = [];
  messagesOf(list, (portName, message) => lines.push(`${JSON.stringify([portName, ...message])}\n`));
  return lines;
}

/** Delivers the messages of a batch. Throws {@link ProtocolError} where it is none. */
export function messagesOf(list: readonly unknown[], deliver: Deliver): void {
  const messages = numberAt(list, 0);
  let port: string | undefined;
  let at = 1;
  for (let left = messages; left > 0; left--) {
    const first = list[at];
    if (typeof first === 'string') {
      port = first;
      at++;
    }
    const from = at + 1;
    const to = from + numberAt(list, at);
    if (port === undefined) throw new ProtocolError('a batch has a message before the first port');
    if (to > list.length) throw new ProtocolError(`a batch ends within a message, at ${list.length} of ${to}`);
    deliver(port, list.slice(from, to));
    at = to;
  }
  if (at < list.length) throw new ProtocolError(`a batch of ${messages} messages goes on, at ${at} of ${list.length}`);
}

function numberAt(list: readonly unknown[], at: number): number {
  const value = list[at];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ProtocolError(`a batch has a number of elements at ${at}, got ${kindOf(value)}`);
}
