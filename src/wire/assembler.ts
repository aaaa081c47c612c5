import { MessageTooLarge } from './errors.js';

/**
 * Looks for the end of the item that it is in, from index `from` on. Returns the index after its last octet, and is then
 * ready for the next item; or -1 when the chunk ends first, and then goes on with the next chunk.
 */
export type Scan = (chunk: Uint8Array, from: number) => number;

/** Puts items together that may be spread over chunks. */
export interface Assembler {
  /** Whether an item has begun that is not complete. */
  readonly inside: boolean;
  /** Takes one item, or the piece of one that is here, and returns the index after it. */
  feed(chunk: Uint8Array, from: number): number;
}

/** Keeps an item of which the end has not come. */
export interface ItemBuffer<T> {
  /** Octets so far. */
  readonly length: number;
  append(piece: Uint8Array): void;
  take(): T;
}

/**
 * @param begun keeps what has begun
 * @param complete gets each whole item: its octets, which are part of a chunk, to be copied if kept; or what `begun` has made of it
 * @throws MessageTooLarge from `feed`, as soon as an item is longer than `messageSize` octets
 */
export function createAssembler<T>(scan: Scan, messageSize: number, begun: ItemBuffer<T>, complete: (item: Uint8Array | T) => void): Assembler {
  return {
    get inside() {
      return begun.length > 0;
    },
    feed(chunk, from) {
      const end = scan(chunk, from);
      const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
      if (begun.length + piece.length > messageSize) throw tooLarge(messageSize);
      if (end >= 0 && begun.length === 0) {
        complete(piece);
        return end;
      }
      begun.append(piece);
      if (end >= 0) complete(begun.take());
      return from + piece.length;
    },
  };
}

/** The error for a message that is, or would become, longer than `messageSize` octets. */
export function tooLarge(messageSize: number): MessageTooLarge {
  return new MessageTooLarge(`a message is longer than limits.messageSize, ${messageSize} octets`);
}
