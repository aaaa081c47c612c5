/** Octets that come in pieces, kept in one place. Appending costs the same for one octet as for its share of many. */
export interface OctetBuffer {
  readonly length: number;
  append(piece: Uint8Array): void;
  /** All octets so far; the buffer is empty afterwards. */
  take(): Uint8Array;
}

const SMALLEST = 256;
/** A link has several buffers, which are empty nearly always. */
const NOTHING = new Uint8Array(0);

/** An empty {@link OctetBuffer}. */
export function createOctetBuffer(): OctetBuffer {
  let room: Uint8Array = NOTHING;
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(piece) {
      const end = length + piece.length;
      if (end > room.length) {
        const larger = new Uint8Array(Math.max(end, 2 * room.length, SMALLEST));
        larger.set(room.subarray(0, length));
        room = larger;
      }
      room.set(piece, length);
      length = end;
    },
    take() {
      const all = room.subarray(0, length);
      room = NOTHING;
      length = 0;
      return all;
    },
  };
}

/** An exception costs as much as decoding so many octets that are no UTF-8: a message may have many texts. */
const SHORT = 1024;
/** What a decoder puts in place of octets that are no UTF-8. */
const REPLACEMENT = '\ufffd';

// a byte order mark is kept: dropping it would change what was sent
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Whether a value is octets: a `Uint8Array` of this realm or of another one, such as a test's window. */
export function isOctets(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]');
}

/** The text that the octets encode, or undefined when they are not valid UTF-8. */
export function textOf(octets: Uint8Array): string | undefined {
  return octets.length > SHORT ? longTextOf(octets) : shortTextOf(octets);
}

/** Beyond ASCII, platforms decode pieces of this size in half the time: more does not fit into the processor's caches. */
const PIECE = 1024 * 1024;

function longTextOf(octets: Uint8Array): string | undefined {
  try {
    if (octets.length <= PIECE) return strict.decode(octets);
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let text = '';
    for (let at = 0; at < octets.length; at += PIECE) text += decoder.decode(octets.subarray(at, at + PIECE), { stream: true });
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}

function shortTextOf(octets: Uint8Array): string | undefined {
  const text = lenient.decode(octets);
  if (!text.includes(REPLACEMENT)) return text;
  const again = encoder.encode(text);
  return again.length === octets.length && again.every((octet, i) => octet === octets[i]) ? text : undefined;
}
