import { ProtocolError } from '../wire/errors.js';
import type { Encoded } from '../wire/message.js';

/** What goes into one write: whole messages. */
export interface Piece {
  readonly data: Encoded;
  /** How many messages the link has sent with it and before it. */
  readonly through: number;
}

/** What a piece takes beside its octets; the other end counts as much for each message. */
export const PIECE_COST = 64;

/** Copies of what was written and is not known to have been taken (V11). */
export interface Kept {
  add(piece: Piece): void;
  /**
   * The other end has taken so many messages, at least. Throws {@link ProtocolError} for more than were written.
   */
  taken(count: number): void;
  /**
   * The other end has taken so many messages, and no more: gives the copies of the others back, in order, to be written again. Throws
   * {@link ProtocolError} for more than were written, and where there are no copies any more.
   */
  after(count: number): readonly Piece[];
  /** How many messages came before the first copy. */
  readonly from: number;
  readonly isFull: boolean;
  /** Octets; text counts by its UTF-16 units. */
  readonly octets: number;
}

export function createKept(limit: number): Kept {
  let pieces: Piece[] = [];
  /** Those before it were taken: an index instead of shift(), which copies a long array each time. */
  let head = 0;
  let octets = 0;
  let from = 0;
  /** How many messages were written. */
  let written = 0;

  const drop = (): void => {
    const piece = pieces[head++];
    if (piece === undefined) return;
    from = piece.through;
    octets -= piece.data.length;
    if (2 * head < pieces.length) return;
    pieces = pieces.slice(head);
    head = 0;
  };

  const taken = (count: number): void => {
    // one that was told on the last connection may arrive later than what was told on this one: it says nothing new
    if (!Number.isSafeInteger(count) || count < 0 || count > written) {
      throw new ProtocolError(`the other end says that it has taken ${count} messages: ${written} were sent`);
    }
    while ((pieces[head]?.through ?? Infinity) <= count) drop();
  };

  return {
    add(piece) {
      pieces.push(piece);
      octets += piece.data.length;
      written = piece.through;
    },
    taken,
    after(count) {
      if (count < from) throw new ProtocolError(`the other end says that it has taken ${count} messages: it had taken ${from}`);
      taken(count);
      const all = pieces.slice(head);
      pieces = [];
      head = 0;
      octets = 0;
      return all;
    },
    get from() {
      return from;
    },
    get isFull() {
      return octets + PIECE_COST * (pieces.length - head) >= limit;
    },
    get octets() {
      return octets;
    },
  };
}
