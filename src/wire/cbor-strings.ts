import { createOctetBuffer, textOf } from './octets.js';

/** The major type of a text. */
const TEXT = 3;
const BREAK = 0xff;
const INDEFINITE_BYTES = 0x5f;
const INDEFINITE_TEXT = 0x7f;
/** Strings whose length has 8 octets. */
const LONG_BYTES = 0x5b;
const LONG_TEXT = 0x7b;
/** The bits of a header that are its type, and those of a length in 4 octets. */
const TYPE = 0xe0;
const FOUR_OCTETS = 26;

/**
 * Gives strings of indefinite length a definite one, and those whose length has 8 octets one of 4, since cbor-x does not read
 * them. The item has to be well formed. It needs no nesting: an item is a row of headers, and only strings have octets behind theirs.
 */
export function joinStrings(item: Uint8Array): Uint8Array {
  const out = createOctetBuffer();
  const write = (head: number, octets: Uint8Array): void => {
    const header = new Uint8Array(5);
    new DataView(header.buffer).setUint32(1, octets.length);
    header[0] = (head & TYPE) | FOUR_OCTETS;
    out.append(header);
    out.append(octets);
  };
  for (let at = 0; at < item.length; ) {
    const head = item[at] ?? 0;
    if (head === INDEFINITE_BYTES || head === INDEFINITE_TEXT) {
      const pieces = createOctetBuffer();
      for (at++; item[at] !== BREAK; ) {
        const { start, end } = body(item, at);
        pieces.append(item.subarray(start, end));
        at = end;
      }
      at++;
      write(head, pieces.take());
    } else {
      const { start, end } = body(item, at);
      if (head === LONG_BYTES || head === LONG_TEXT) write(head, item.subarray(start, end));
      else out.append(item.subarray(at, end));
      at = end;
    }
  }
  return out.take();
}

/** Whether a text of the item is no UTF-8. The item has to be well formed, without strings of indefinite length. */
export function hasBadText(item: Uint8Array): boolean {
  for (let at = 0; at < item.length; ) {
    const { start, end } = body(item, at);
    if ((item[at] ?? 0) >> 5 === TEXT && textOf(item.subarray(start, end)) === undefined) return true;
    at = end;
  }
  return false;
}

/** Where the body of a string that begins at `at` is; for anything else, an empty one behind the header. */
function body(item: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const head = item[at] ?? 0;
  const info = head & 31;
  const start = at + 1 + (info >= 24 && info < 28 ? 1 << (info - 24) : 0);
  if (head >> 5 !== 2 && head >> 5 !== 3) return { start, end: start };
  let length = info < 24 ? info : 0;
  for (let i = at + 1; i < start; i++) length = length * 256 + (item[i] ?? 0);
  return { start, end: start + length };
}
