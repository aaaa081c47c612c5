import { tooLarge } from './assembler.js';
import { ProtocolError } from './errors.js';
import { countItems, tooManyItems } from './items.js';
import { jsonOf, parseJson } from './json-text.js';
import { checkMessage, kindOf, type Deliver, type FramingLimits } from './message.js';
import { createOctetBuffer, isOctets, textOf } from './octets.js';
import { createTextBuffer } from './text-buffer.js';
import { isWellFormed } from './well-formed.js';

/** Begins the head of a message whose last element follows as it is. No JSON has it. */
const MARK = '\u0001';
const MARKED = 0x01;
const LF = 0x0a;
/** Shorter texts gain nothing. */
const LEAST = 2048;
/** A head is parsed at once, so that it is not long, in octets. */
const LONGEST_HEAD = 64 * 1024;
/** What JSON escapes. */
const ESCAPED = /["\\\p{Cc}]/u;
/** Before the JSON of a head: how many octets follow, and what they are. */
const HEAD = /^(\d{1,15})([to])(\[.*\])$/s;
const utf8 = new TextEncoder();

/**
 * A message whose last element is long text that JSON would have to escape, or octets for the node port: a line with the rest of it, as JSON, and then the element as it is. So a
 * text that is JSON itself, as the pieces of a channel are, is not escaped, and octets need no base64. Undefined: it is none.
 *
 * @example
 * // a piece of 70,000 octets
 * \u000170000t["","rxmp_channel","piece",1,8]
 */
export function rawOf(portName: string, message: readonly unknown[]): Uint8Array | undefined {
  const last: unknown = message.at(-1);
  const isText = typeof last === 'string' && last.length >= LEAST && ESCAPED.test(last) && isWellFormed(last);
  if (!isText && !(portName === '' && isOctets(last))) return undefined;
  const octets = isText ? utf8.encode(last) : last as Uint8Array;
  const head = utf8.encode(`${MARK}${octets.length}${isText ? 't' : 'o'}${jsonOf([portName, ...message.slice(0, -1)])}\n`);
  if (head.length > LONGEST_HEAD) return undefined;
  const whole = new Uint8Array(head.length + octets.length);
  whole.set(head);
  whole.set(octets, head.length);
  return whole;
}

/** Puts such an element together. */
interface Raw {
  /** Octets that are still to come. */
  left: number;
  append(piece: Uint8Array): void;
  take(): unknown;
  /** The message without it. */
  readonly rest: unknown[];
}

/** Reads the messages that {@link rawOf} writes, between lines that another decoder reads. */
export interface RawLines {
  /** Whether a chunk has something of such a message. */
  concerns(chunk: Uint8Array | string): boolean;
  push(chunk: Uint8Array | string, deliver: Deliver): void;
}

/** `lines` takes what is not marked; `inside` tells whether a line of it has begun. */
export function createRawLines(lines: (octets: Uint8Array, deliver: Deliver) => void, inside: () => boolean, limits: FramingLimits): RawLines {
  const { messageSize, messageDepth, messageItems } = limits;
  const head = createOctetBuffer();
  let inHead = false;
  let raw: Raw | undefined;

  const begin = (): Raw => {
    const { length } = head;
    const [, digits = '', kind = '', json = ''] = HEAD.exec(textOf(head.take()) ?? '') ?? [];
    if (json === '') throw new ProtocolError('a long element comes after its length and the rest of its message');
    const left = Number(digits);
    if (left + length > messageSize) throw tooLarge(messageSize);
    const rest = checkMessage(parseJson(json));
    if (countItems(rest, messageDepth) >= messageItems) throw tooManyItems(messageItems);
    if (kind === 't') return { left, rest, ...createTextBuffer() };
    if (rest[0] !== '') throw new ProtocolError(`octets are for the node port, got ${kindOf(rest[0])}`);
    return { left, rest, ...createOctetBuffer() };
  };

  /** Takes what belongs to the element; gives where the rest of the chunk begins. */
  const feed = (element: Raw, chunk: Uint8Array, from: number, deliver: Deliver): number => {
    const end = Math.min(chunk.length, from + element.left);
    element.append(chunk.subarray(from, end));
    element.left -= end - from;
    if (element.left > 0) return end;
    raw = undefined;
    const { rest } = element;
    rest.push(element.take());
    deliver(rest.shift(), rest);
    return end;
  };

  const feedHead = (chunk: Uint8Array, from: number): number => {
    const end = chunk.indexOf(LF, from);
    head.append(chunk.subarray(from, end < 0 ? chunk.length : end));
    if (head.length > LONGEST_HEAD) throw new ProtocolError(`what comes before a long element has at most ${LONGEST_HEAD} octets`);
    if (end < 0) return chunk.length;
    inHead = false;
    raw = begin();
    return end + 1;
  };

  const feedLines = (chunk: Uint8Array, from: number, deliver: Deliver): number => {
    const mark = chunk.indexOf(MARKED, from);
    if (mark !== from) lines(chunk.subarray(from, mark < 0 ? chunk.length : mark), deliver);
    if (mark < 0) return chunk.length;
    if (inside()) throw new ProtocolError('a long element begins within a line');
    inHead = true;
    return mark + 1;
  };

  return {
    concerns: (chunk) => raw !== undefined || inHead || (typeof chunk === 'string' ? chunk.includes(MARK) : chunk.includes(MARKED)),
    push(given, deliver) {
      const chunk = typeof given === 'string' ? utf8.encode(given) : given;
      // an element may have no octets at all
      for (let at = 0; at < chunk.length || raw?.left === 0; ) {
        if (raw !== undefined) at = feed(raw, chunk, at, deliver);
        else at = inHead ? feedHead(chunk, at) : feedLines(chunk, at, deliver);
      }
    },
  };
}
