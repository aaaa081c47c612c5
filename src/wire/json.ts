import { createAssembler } from './assembler.js';
import { checkMessage, type Decoder, type Deliver, type Framing, type FramingLimits } from './message.js';
import { createJsonBatch, lengthOf } from './json-batch.js';
import { createJsonScan, isSpace } from './json-scan.js';
import { jsonOf, notUtf8, parseJson } from './json-text.js';
import { textOf } from './octets.js';
import { createTextBuffer } from './text-buffer.js';

const LF = 0x0a;
const toOctets = new TextEncoder();

/**
 * JSON arrays one after the other, as {@link jsonOf} writes them. Written with an LF after each; read with any white space,
 * or none, between them.
 */
export const jsonFraming: Framing = {
  name: 'json',
  encode: (portName, message) => `${jsonOf([portName, ...message])}\n`,
  batching: { lengthOf, batch: createJsonBatch },
  decoder,
};

function decoder(limits: FramingLimits): Decoder {
  const { messageSize, messageDepth, messageItems } = limits;
  let deliver: Deliver;
  const take = (value: unknown): void => {
    const message = checkMessage(value);
    deliver(message.shift(), message);
  };
  const assembler = createAssembler(createJsonScan(limits), messageSize, createTextBuffer(), (item) => {
    take(typeof item === 'string' ? parseJson(item) : parse(item));
  });
  // an octet has at most one bracket, or one item, so that such a line has not too many; a UTF-16 unit is at most 3 octets
  const longest = Math.min(2 * messageDepth, messageItems, Math.floor(messageSize / 3));
  let lines = true; // whether the other end writes one message a line, as far as we know

  /** Takes whole lines, one message each. Returns false when they are not that or too long for it; nothing is taken then. */
  const takeLines = (text: string): boolean => {
    const count = countLines(text, longest);
    if (count === undefined) return false;
    const messages = parseLines(text, count);
    lines = messages?.length === count;
    if (!lines) return false;
    for (const message of messages ?? []) take(message);
    return true;
  };

  const takeOctets = (chunk: Uint8Array): void => {
    let at = 0;
    let tryLines = lines;
    while (at < chunk.length) {
      if (!assembler.inside) {
        if (isSpace(chunk[at])) {
          at++;
          continue;
        }
        const end = tryLines ? chunk.lastIndexOf(LF) : -1;
        tryLines = false;
        const text = end > at ? textOf(chunk.subarray(at, end)) : undefined;
        if (text !== undefined && takeLines(text)) {
          at = end + 1;
          continue;
        }
      }
      at = assembler.feed(chunk, at);
    }
  };

  return {
    push(chunk, deliverTo) {
      deliver = deliverTo;
      if (typeof chunk !== 'string') takeOctets(chunk);
      else if (!lines || assembler.inside || !takeLines(chunk.endsWith('\n') ? chunk.slice(0, -1) : chunk)) {
        takeOctets(toOctets.encode(chunk));
      }
    },
  };
}

/** How many lines the text has, or undefined when one is longer than `longest` UTF-16 units. */
function countLines(text: string, longest: number): number | undefined {
  let count = 1;
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    if (end - from > longest) return undefined;
    from = end + 1;
    count++;
  }
  return text.length - from > longest ? undefined : count;
}

/**
 * All lines with one call of `JSON.parse`, which is what makes this fast. An LF may also stand inside a message, as white
 * space; as a comma it is a syntax error there, or (where a comma or a string is broken) makes fewer messages than lines.
 */
function parseLines(text: string, count: number): readonly unknown[] | undefined {
  try {
    if (count === 1) return [JSON.parse(text) as unknown];
    return JSON.parse(`[${text.replaceAll('\n', ',')}]`) as unknown[];
  } catch {
    return undefined;
  }
}

function parse(item: Uint8Array): unknown {
  const text = textOf(item);
  if (text === undefined) throw notUtf8();
  return parseJson(text);
}
