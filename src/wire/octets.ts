/** Octets that come in pieces, kept in one place. Appending costs the same for one octet as for its share of many. */
export interface OctetBuffer {
  readonly length: number;
  append(piece: Uint8Array): void;
  /** All octets so far; the buffer is empty afterwards. */
  take(): Uint8Array;
}

const SMALLEST = 256;

/** An empty {@link OctetBuffer}. */
export function createOctetBuffer(): OctetBuffer {
  let room = new Uint8Array(0);
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
      room = new Uint8Array(0);
      length = 0;
      return all;
    },
  };
}

// a byte order mark is kept: dropping it would change what was sent
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that the octets encode, or undefined when they are not valid UTF-8. */
export function textOf(octets: Uint8Array): string | undefined {
  try {
    return strict.decode(octets);
  } catch {
    return undefined;
  }
}
