import { createAssembler } from './assembler.js';
import { ProtocolError } from './errors.js';
import { checkMessage, type Framing, type FramingLimits, type Decoder } from './message.js';
import { jsonBatching } from './json-batch.js';
import { createJsonScan, isSpace } from './json-scan.js';
import { textOf } from './octets.js';
import { plain } from './plain.js';

const LF = 0x0a;
const toOctets = new TextEncoder();
// how JSON.stringify begins a Uint8Array and a Buffer: searching the text costs far less than looking at every value
const OCTETS_IN_JSON = ['{"0":', '{"type":"Buffer"'];

/**
 * JSON arrays one after the other. Written with an LF after each; read with any white space, or none, between them.
 *
 * A BigInt is written as a bare integer, which a JavaScript reader rounds to a double. Octets have no form in JSON:
 * a `Uint8Array` in a message throws TypeError.
 */
export const jsonFraming: Framing = { name: 'json', encode, batching: jsonBatching, decoder };

function encode(portName: string, message: readonly unknown[]): string {
  const whole = [portName, ...message];
  let text: string;
  try {
    text = JSON.stringify(whole);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `${write(plain(whole))}\n`; // a BigInt, or something that contains itself, which plain() refuses
  }
  if (whole.some(isObject) && OCTETS_IN_JSON.some((sign) => text.includes(sign)) && holdsOctets(whole)) throw noOctets();
  return `${text}\n`;
}

function write(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) throw noOctets();
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`).join(',')}}`;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function holdsOctets(value: unknown): boolean {
  if (!isObject(value)) return false;
  return value instanceof Uint8Array || Object.values(value).some(holdsOctets);
}

const noOctets = (): TypeError =>
  new TypeError('the JSON framing cannot carry octets (Uint8Array): send text, for example base64, or use CBOR');

function decoder({ messageSize, messageDepth }: FramingLimits): Decoder {
  let deliver: Parameters<Decoder['push']>[1];
  const assembler = createAssembler(createJsonScan(messageDepth), messageSize, (item) => {
    deliver(checkMessage(parse(item)));
  });
  // an octet has at most one bracket, so that such a line can't nest too deep; a UTF-16 unit is at most 3 octets
  const longest = Math.min(2 * messageDepth, Math.floor(messageSize / 3));
  let lines = true; // whether the other end writes one message a line, as far as we know

  /** Takes whole lines, one message each. Returns false when they are not that or too long for it; nothing is taken then. */
  const takeLines = (text: string): boolean => {
    const count = countLines(text, longest);
    if (count === undefined) return false;
    const messages = parseLines(text, count);
    lines = messages?.length === count;
    if (!lines) return false;
    for (const message of messages ?? []) deliver(checkMessage(message));
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
  if (text === undefined) throw new ProtocolError('a JSON message is not UTF-8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProtocolError(`a message is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
