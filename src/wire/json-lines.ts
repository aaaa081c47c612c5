import { tooLarge } from './assembler.js';
import { ProtocolError } from './errors.js';
import { lengthOf } from './json-batch.js';
import { createJsonLinesBatch, LONGEST_BATCH, messagesOf } from './json-lines-batch.js';
import { createJsonScan } from './json-scan.js';
import { countItems, tooManyItems } from './items.js';
import { jsonOf, notUtf8, parseJson } from './json-text.js';
import { createLongLine } from './long-line.js';
import { checkMessage, kindOf, type Decoder, type Deliver, type Framing, type FramingLimits } from './message.js';
import { createOctetBuffer, textOf } from './octets.js';
import { createRawLines, rawOf } from './raw-lines.js';
import { countOctets, UNIT } from './size.js';
import type { TextBuffer } from './text-buffer.js';

const LF = 0x0a;
const toOctets = new TextEncoder();

/**
 * What rxmp nodes speak with each other, if both offer it (wire.md §1.4): JSON arrays, one a line, each of which is a message or
 * a batch of messages. Values are those of the framing `json`. Per message it costs about half of that, since the ends of
 * lines show where JSON ends, and a batch is one list for `JSON.stringify` and `JSON.parse`. A long text, or octets, at the end of
 * a message go as they are (`rawOf`).
 */
export const jsonLinesFraming: Framing = {
  name: 'rxmp_json',
  encode: (portName, message) => rawOf(portName, message) ?? `${jsonOf([portName, ...message])}\n`,
  batching: { lengthOf, batch: createJsonLinesBatch },
  decoder,
};

function decoder(limits: FramingLimits): Decoder {
  const { messageSize, messageDepth, messageItems } = limits;
  /** The line that is not yet whole. */
  const begun = createOctetBuffer();
  /** The same, once it is long. */
  let long: TextBuffer | undefined;
  const begunLength = (): number => long?.length ?? begun.length;
  const longest = Math.max(messageSize, LONGEST_BATCH);
  /** Octets in which no line is too long, whatever it is. */
  const harmless = Math.min(messageSize, LONGEST_BATCH);

  /** @param octets about how long the line is: no less */
  const takeLine = (text: string, octets: number, deliver: Deliver): void => {
    const line = parseJson(text);
    if (!Array.isArray(line)) throw new ProtocolError(`a line is an array, got ${kindOf(line)}`);
    const isBatch = typeof line[0] === 'number';
    if (isBatch && octets > LONGEST_BATCH) throw new ProtocolError(`a batch has ${octets} octets: the longest may have ${LONGEST_BATCH}`);
    // each level has two brackets, each item a character
    const harmless = text.length <= messageItems && text.length <= 2 * messageDepth;
    if (!harmless && countItems(line, messageDepth) > messageItems && !isBatch) throw tooManyItems(messageItems);
    if (!isBatch) {
      if (octets > messageSize) throw tooLarge(messageSize);
      const message = checkMessage(line);
      deliver(message.shift(), message);
    } else if (octets <= messageSize && text.length <= messageItems) {
      messagesOf(line, deliver);
    } else {
      messagesOf(line, (portName, message) => {
        if (octets > messageSize && countOctets(JSON.stringify([portName, ...message])) > messageSize) throw tooLarge(messageSize);
        if (countItems([portName, ...message]) > messageItems) throw tooManyItems(messageItems);
        deliver(portName, message);
      });
    }
  };

  /** Takes whole lines, without the LF of the last one. */
  const takeLines = (octets: Uint8Array, deliver: Deliver): void => {
    const text = octets.length <= harmless ? textOf(octets) : undefined;
    if (text !== undefined) for (const line of text.split('\n')) takeLine(line, octets.length, deliver);
    else for (const line of linesOf(octets)) takeDoubtful(line, deliver);
  };

  /** The line that has begun goes on. */
  const grow = (piece: Uint8Array): void => {
    if (long !== undefined) {
      long.append(piece);
      return;
    }
    begun.append(piece);
    if (begun.length <= LONGEST_BATCH) return;
    long = createLongLine(limits);
    long.append(begun.take());
  };

  /** The line that has begun is whole. */
  const end = (deliver: Deliver): void => {
    if (long === undefined) {
      takeLines(begun.take(), deliver);
      return;
    }
    const { length: octets } = long;
    const text = long.take();
    long = undefined;
    takeLine(text, octets, deliver);
  };

  const takeDoubtful = (line: Uint8Array, deliver: Deliver): void => {
    if (line.length > longest) throw tooLarge(messageSize);
    if (line.length > LONGEST_BATCH) createJsonScan(limits)(line, 0);
    const text = textOf(line);
    if (text === undefined) throw notUtf8();
    takeLine(text, line.length, deliver);
  };

  const takeOctets = (chunk: Uint8Array, deliver: Deliver): void => {
    const last = chunk.lastIndexOf(LF);
    let from = 0;
    if (last >= 0 && begunLength() > 0) {
      const first = chunk.indexOf(LF);
      if (begunLength() + first > longest) throw tooLarge(messageSize);
      grow(chunk.subarray(0, first));
      from = first + 1;
      end(deliver);
    }
    if (from <= last) takeLines(chunk.subarray(from, last), deliver);
    const rest = chunk.subarray(last + 1);
    if (begunLength() + rest.length > longest) throw tooLarge(messageSize);
    if (rest.length > 0) grow(rest);
  };

  const raw = createRawLines(takeOctets, () => begunLength() > 0, limits);
  return {
    push(chunk, deliver) {
      if (raw.concerns(chunk)) raw.push(chunk, deliver);
      else if (typeof chunk !== 'string') takeOctets(chunk, deliver);
      else if (begunLength() > 0 || UNIT * chunk.length > harmless || !chunk.endsWith('\n')) takeOctets(toOctets.encode(chunk), deliver);
      else for (const line of chunk.slice(0, -1).split('\n')) takeLine(line, harmless, deliver);
    },
  };
}

function* linesOf(octets: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  for (let end = octets.indexOf(LF); end >= 0; end = octets.indexOf(LF, from)) {
    yield octets.subarray(from, end);
    from = end + 1;
  }
  yield octets.subarray(from);
}
