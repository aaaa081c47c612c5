import type { Env } from '../env/env.js';
import { isValues, LONGER, type Encoded, type Framing } from '../wire/message.js';
import { checkSize } from '../wire/size.js';
import { resuming } from '../wire/resuming.js';
import type { Kept, Piece } from './kept.js';

/** What an outbox writes to. */
export interface Writer {
  write(data: Encoded): boolean;
}

/** What waits to be written to one connection. */
export interface Outbox {
  /** Encodes and queues a message; false when more waits than `limits.highWaterMark`. */
  push(portName: string, message: readonly unknown[]): boolean;
  /** Writes what waits, now, as far as the transport takes it. */
  flush(): void;
  /** Writes all that waits, now, even more than the transport wants: the connection is about to close. */
  finish(): void;
  /** What waits, in octets; text counts by its UTF-16 units. */
  readonly queued: number;
  /** Messages that were pushed. */
  readonly pushed: number;
  /** The transport takes more again. */
  drained(): void;
  /** The other end has taken so many messages; throws ProtocolError for a number that can't be. Only with copies. */
  acknowledged(count: number): void;
  /** The connection is gone: everything waits, what was not acknowledged too. Only with copies. */
  detach(): void;
  /** Goes on over another connection, after so many messages that the other end has taken; throws as `acknowledged` does. */
  attach(duplex: Writer, taken: number): void;
}

export interface OutboxEvents {
  /** Not more waits than `limits.highWaterMark`, after a turn or when the transport takes more. Never inside `push`. */
  flushed(): void;
  /** More waits than `limits.queueSize`. */
  overflow(queued: number): void;
}

/** What goes into one write, beyond one message: enough to be fast, few enough that the other end can start early. */
const PIECE = 256 * 1024;

/** Longer messages, in UTF-16 units, are encoded at once: together they are hardly cheaper. */
const SHORT = 4096;

/**
 * After so many messages of one turn the first write leaves, and each later one of the turn waits for twice as many: the other
 * end works while the turn goes on. A turn of many messages has only a few writes more.
 */
const FIRST = 32;

/**
 * Collects what one turn of the event loop sends and writes it together: that is 16 to 20 times faster than a write per
 * message. While the transport has enough, everything waits here, where it can be counted.
 *
 * `kept` keeps copies of what was written, so that another connection can go on (V11); while it is full nothing is written.
 */
export function createOutbox(first: Writer, framing: Framing<Encoded>, env: Pick<Env, 'clock' | 'limits'>, events: OutboxEvents, kept?: Kept): Outbox {
  const { clock, limits } = env;
  const { batching } = framing;
  const batch = batching?.batch();
  const largest = Math.min(PIECE, Math.floor(limits.messageSize / 3));
  const short = Math.min(SHORT, Math.floor(limits.messageSize / LONGER), limits.messageItems);
  /** Where to write to; undefined while there is no connection. */
  let duplex: Writer | undefined = first;
  let pieces: Piece[] = [];
  /** The piece that grows: text, or octets to put together. */
  let text = '';
  let octets: Uint8Array[] = [];
  /** About how long the messages at the end of that piece get that are still to be encoded: those in `batch`. */
  let unencoded = 0;
  let growing = 0;
  let queued = 0;
  let pushed = 0;
  /** How many of them are in pieces, or in the one that grows. */
  let encoded = 0;
  let scheduled = false;
  /** Messages of this turn since its last write, and after how many there will be the next. */
  let count = 0;
  let enough = FIRST;
  let blocked = false;

  const append = (data: Encoded, messages: number): void => {
    if (isValues(data)) {
      queued += data.length;
      encoded += messages;
      pieces.push({ data, through: encoded });
      return;
    }
    const isText = typeof data === 'string';
    // a piece may be one frame of the transport, and the other end takes none that is larger than a message
    if (growing + data.length > largest || (growing > 0 && isText !== (octets.length === 0))) seal();
    if (isText) text += data;
    else octets.push(data);
    growing += data.length;
    queued += data.length;
    encoded += messages;
  };

  const encodeBatch = (): void => {
    if (batch === undefined || unencoded === 0) return;
    growing -= unencoded;
    queued -= unencoded;
    unencoded = 0;
    // where they have grown more than was expected, by characters that need an escape, they are in pieces
    const taken = batch.take(largest - growing);
    const messages = taken.length === 1 ? pushed - encoded : 1;
    for (const data of taken) append(data, messages);
  };

  const seal = (): void => {
    encodeBatch();
    if (growing === 0) return;
    pieces.push({ data: text === '' ? concat(octets, growing) : text, through: encoded });
    text = '';
    octets = [];
    growing = 0;
  };

  const write = (): void => {
    // the connection may break in the middle of this
    const to = duplex;
    if (to === undefined || blocked || queued === 0) return;
    seal();
    let written = 0;
    for (const piece of pieces) {
      if (kept?.isFull === true) break;
      written++;
      queued -= piece.data.length;
      kept?.add(piece);
      blocked = !to.write(piece.data);
      if (blocked) break;
    }
    pieces = pieces.slice(written);
  };

  const writeAndTell = (): void => {
    write();
    if (queued <= limits.highWaterMark) events.flushed();
  };

  const flushTurn = (): void => {
    scheduled = false;
    count = 0;
    enough = FIRST;
    writeAndTell();
  };

  return {
    push(portName, message) {
      const length = batching?.lengthOf(portName, message);
      if (length !== undefined && length <= short) {
        if (growing + length > largest) seal();
        batch?.add(portName, message);
        unencoded += length;
        growing += length;
        queued += length;
      } else {
        const data = framing.encode(portName, message);
        checkSize(data, portName, message, limits);
        encodeBatch();
        append(data, 1);
      }
      pushed++;
      if (!scheduled) {
        scheduled = true;
        clock.turn(flushTurn);
      }
      if (++count === enough) {
        count = 0;
        enough *= 2;
        // nobody is told before the turn ends: they might send what overtakes the rest of what is being sent (S1)
        write();
      }
      if (queued > limits.queueSize) events.overflow(queued);
      return queued <= limits.highWaterMark;
    },
    flush: write,
    get queued() {
      return queued;
    },
    get pushed() {
      return pushed;
    },
    finish() {
      seal();
      for (const { data } of pieces) duplex?.write(data);
      pieces = [];
      queued = 0;
    },
    drained() {
      blocked = false;
      writeAndTell();
    },
    acknowledged(count) {
      kept?.taken(count);
      writeAndTell();
    },
    detach() {
      duplex = undefined;
    },
    attach(next, taken) {
      if (kept === undefined) throw new TypeError('there are no copies to go on with');
      const again = kept.after(taken);
      const { from } = kept;
      for (const { data } of again) queued += data.length;
      seal();
      pieces = [...again, ...pieces];
      duplex = next;
      blocked = !next.write(framing.encode('', [resuming.FROM, from]));
      writeAndTell();
    },
  };
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
