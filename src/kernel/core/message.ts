import { isOctets } from '../../wire/octets.js';
import { printable } from '../../wire/printable.js';

/** A message: a tag, or anything else, first. It counts as read-only once it is sent (S10). */
export type AnyMessage = readonly unknown[];

/** Why a port died. `[]` is a normal kill; otherwise a kind, then details: `['die', text]`, `['transport_error', node, text]`. */
export type Reason = readonly [] | readonly [kind: string, ...details: unknown[]];

/** A reason from the network, or from a user: the kind has to be text, and all of it has to travel. */
export function toReason(elements: readonly unknown[]): Reason {
  const [kind, ...details] = elements.map(sendable);
  return elements.length === 0 ? [] : [typeof kind === 'string' ? kind : JSON.stringify(kind ?? null), ...details];
}

/** What an exception in the code of a port makes of it (S5): the text of an `Error`, anything else as it is. */
export function dieReason(error: unknown): Reason {
  return ['die', sendable(error instanceof Error ? error.message : error)];
}

/** What no framing can carry becomes text: a reason has to reach every monitor and the log, whatever was thrown. */
function sendable(value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  try {
    JSON.stringify(value);
    return value;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** A reason as one line for people. Control characters are written as `\u001b`. */
export function describeReason(reason: Reason): string {
  if (reason.length === 0) return 'killed normally';
  const [kind, ...details] = reason;
  return printable([kind, ...details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)))].join(': '));
}

const SHOWN_TAG = 30;

/** The reason of a port that got a message nobody receives (S3), in AnyEvent::MP's words. */
export function unhandledReason(tag: unknown): Reason {
  const shown = tagText(tag).slice(0, SHOWN_TAG).replace(/[^\x20-\x7e]/g, '.');
  return ['unhandled_message', `no callback found for message '${shown}'`];
}

function tagText(tag: unknown): string {
  if (typeof tag === 'string') return tag;
  if (isOctets(tag)) return String.fromCharCode(...tag.subarray(0, SHOWN_TAG));
  if (typeof tag === 'number' || typeof tag === 'boolean') return String(tag);
  return tag === undefined || tag === null ? '' : typeof tag;
}

/** The answer to monitoring a port that does not exist (S3). */
export function noSuchPort(id: string): Reason {
  return ['no_such_port', 'cannot monitor nonexistent port', id];
}

/** The reason of everything that was lost with the connection to a node (S13). */
export function transportError(node: string, text: string): Reason {
  return ['transport_error', node, text];
}
