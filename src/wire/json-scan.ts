import { ProtocolError } from './errors.js';
import { ESCAPES, tooManyItems } from './items.js';
import type { FramingLimits } from './message.js';
import type { Scan } from './assembler.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
/** All before it are control characters. */
const SPACE = 0x20;

/** Whether an octet is JSON's white space. */
export function isSpace(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09;
}

/**
 * Finds the end of a JSON array or object by its brackets. Whether it is JSON is for `JSON.parse` to tell.
 * Throws {@link ProtocolError} for anything that begins otherwise, for more than `messageDepth` levels or `messageItems` items,
 * and for control characters: where a bracket or a quote got lost, all that comes later would be taken for a part of this message.
 */
export function createJsonScan({ messageDepth, messageItems }: Pick<FramingLimits, 'messageDepth' | 'messageItems'>): Scan {
  let depth = 0;
  let items = 0;
  let escapes = 0;
  let inString = false;
  let escaped = false;

  return (chunk, from) => {
    for (let i = from; i < chunk.length; i++) {
      if (inString && !escaped) i = endOfPlainText(chunk, i);
      const octet = chunk[i];
      if (octet === undefined) break;
      if (octet < SPACE && (inString || (depth > 0 && !isSpace(octet)))) {
        throw new ProtocolError(`a message is not JSON: it has the control character ${octet}`);
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (octet === BACKSLASH) {
          escaped = true;
          if (++escapes % ESCAPES === 0 && ++items > messageItems) throw tooManyItems(messageItems);
        } else inString = false;
        continue;
      }
      // the bit 0x20 is all that differs between [ and {, and between ] and }
      const bracket = octet | 0x20;
      if (bracket === 0x7b) {
        if (++depth > messageDepth) throw new ProtocolError(`a message nests deeper than ${messageDepth} levels`);
        if (++items > messageItems) throw tooManyItems(messageItems);
      } else if (depth === 0) {
        throw new ProtocolError(`a message is an array, got ${JSON.stringify(String.fromCharCode(octet))}`);
      } else if (octet === QUOTE) {
        inString = true;
      } else if (octet === COMMA || octet === COLON) {
        if (++items > messageItems) throw tooManyItems(messageItems);
      } else if (bracket === 0x7d && --depth === 0) {
        items = 0;
        escapes = 0;
        return i + 1;
      }
    }
    return -1;
  };
}

/** Where the text of a string ends or needs a look: a quote, a backslash or a control character. Nearly all octets of a large message pass here. */
function endOfPlainText(chunk: Uint8Array, from: number): number {
  for (let i = from; i < chunk.length; i++) {
    const octet = chunk[i] as number;
    if (octet === QUOTE || octet === BACKSLASH || octet < SPACE) return i;
  }
  return chunk.length;
}
