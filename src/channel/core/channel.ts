import { ProtocolError } from '../../wire/errors.js';
import { isValues, type Values } from '../../wire/message.js';
import { costOf, lengthFor, type Packet, type Piece } from './packet.js';

/** What whoever uses an end of a channel hears of it. Never called inside a call of {@link Channel}. */
export interface ChannelSink {
  /** It waits until `taken` is called for it. */
  piece(data: Piece): void;
  /** Less is queued than before. */
  moved(): void;
  /** Once, after all pieces, and not after an end of its own: the other end has said all, or, with a reason, the channel is broken. */
  ended(failure?: string): void;
  /** Once: nothing will be sent any more. Nothing comes after that but `ended`. */
  finished(): void;
}

/** One end of a channel that is open. */
export interface Channel {
  /** Where what comes goes, from now on. Of a channel that is over already the sink hears at once. */
  read(sink: ChannelSink): void;
  write(data: Piece): void;
  /** This piece does not wait any more: the other end may send as much again. */
  taken(data: Piece): void;
  /** Ends after what was written. */
  finish(): void;
  /** Ends at once, as broken. */
  abort(): void;
  /** What was written and is still here; after the end, what has never left. */
  readonly queued: number;
}

export interface ChannelOptions {
  /** As the other end has to be told: negative if it has opened the channel. */
  readonly id: number;
  /** What this end takes before it gives credit. */
  readonly window: number;
  /** What the other end takes. */
  readonly credit: number;
  /** The longest piece. */
  readonly pieceSize: number;
  send(packet: Packet): void;
  /** There is a piece to send, for `next`. */
  ready(): void;
  /** Both ends have ended. */
  gone(): void;
}

/** What the carrier does with an end of a channel. */
export interface CarriedChannel extends Channel {
  receive(packet: Packet): void;
  /** Sends a piece; true: there is another one. */
  next(): boolean;
  /** The carrier has ended. */
  lost(reason: string): void;
}

/**
 * One end of a channel (V1 to V3): numbers what is sent, looks whether the numbers of what comes go on, and sends no more than the other end
 * takes. Each end says once that it has ended; the channel is gone when both have.
 */
export function createChannel({ id, window, credit, pieceSize, send, ready, gone }: ChannelOptions): CarriedChannel {
  const longest = Math.min(pieceSize, lengthFor(credit / 2));
  let sink: ChannelSink | undefined;
  let writing: Piece[] = [];
  /** Of the first chunk, what was sent already; and which chunk is the first. */
  let offset = 0;
  let head = 0;
  let queued = 0;
  let sent = 0;
  let received = 0;
  let left = credit;
  /** What the other end may still send, and what this end has taken since it gave credit. */
  let allowed = window;
  let takenSince = 0;
  let isFinishing = false;
  /** Why it was lost before it was read. */
  let over: string | undefined;
  /** What each end has said at last. */
  let ours: 'end' | 'abort' | undefined;
  let theirs: 'end' | 'abort' | undefined;

  /** Nothing of it will leave. */
  const drop = (): void => {
    writing = [];
    offset = 0;
    head = 0;
  };

  const say = (last: 'end' | 'abort'): void => {
    if (ours !== undefined) return;
    ours = last;
    drop();
    if (last === 'end') send({ kind: 'end', id, n: ++sent });
    else send({ kind: 'abort', id });
    sink?.finished();
    if (theirs !== undefined) gone();
  };

  const endIfDone = (): void => {
    if (isFinishing && writing.length === 0) say('end');
  };

  const tell = (failure?: string): void => {
    if (!isFinishing) sink?.ended(failure);
    isFinishing = true;
  };

  /** Something is wrong: both ends see it broken. */
  const fail = (reason: string): void => {
    tell(reason);
    say('abort');
  };

  /** How long the next piece may be: not too short, since what is taken comes back. */
  const room = (): number => {
    const first = writing[head];
    if (first === undefined) return 0;
    if (isValues(first)) return left > 0 ? first.length : 0;
    const wanted = Math.min(first.length - offset, longest);
    const possible = Math.min(wanted, lengthFor(left));
    return possible === wanted || possible >= longest / 4 ? possible : 0;
  };

  /** The first piece was taken. */
  const advance = (): void => {
    offset = 0;
    head++;
    if (head < writing.length) return;
    writing = [];
    head = 0;
  };

  /** Values that wait, together, since a packet costs more than a message. */
  const join = (): Values => {
    const messages: unknown[] = [];
    const transfer: ArrayBuffer[] = [];
    let length = 0;
    for (let first = writing[head]; first !== undefined && isValues(first) && length < longest; first = writing[head]) {
      messages.push(...first.messages);
      transfer.push(...first.transfer);
      length += first.length;
      advance();
    }
    queued -= length;
    return { messages, length, transfer };
  };

  const cut = (): Piece | undefined => {
    const first = writing[head];
    let length = room();
    if (first === undefined || length === 0) return undefined;
    if (isValues(first)) return join();
    if (typeof first === 'string' && length > 1 && offset + length < first.length && isHighSurrogate(first.charCodeAt(offset + length - 1))) length--;
    const whole = offset === 0 && length === first.length;
    const piece = whole ? first : typeof first === 'string' ? first.slice(offset, offset + length) : first.subarray(offset, offset + length);
    offset += length;
    if (offset === first.length) advance();
    queued -= length;
    return piece;
  };

  const takePiece = (data: Piece): void => {
    const cost = costOf(data);
    allowed -= cost;
    // values may begin within the window, and end beyond it
    if (isValues(data) ? allowed + cost <= 0 : allowed < 0) fail(`the other end has sent ${-allowed} more than it may`);
    else sink?.piece(data);
  };

  const takeEnd = (last: 'end' | 'abort'): void => {
    theirs = last;
    if (ours !== undefined) {
      gone();
      return;
    }
    // nobody reads over there any more
    drop();
    if (last === 'abort') fail('reset by the other end');
    else if (isFinishing) say('end');
    else sink?.ended();
  };

  return {
    get queued() {
      return queued;
    },
    read(reader) {
      sink = reader;
      if (over === undefined) return;
      reader.ended(over);
      reader.finished();
    },
    write(data) {
      if (ours !== undefined || theirs !== undefined || isFinishing || data.length === 0) return;
      writing.push(data);
      queued += data.length;
      ready();
    },
    taken(data) {
      if (ours !== undefined || theirs !== undefined) return;
      takenSince += costOf(data);
      if (takenSince < window / 2) return;
      allowed += takenSince;
      send({ kind: 'credit', id, n: ++sent, amount: takenSince });
      takenSince = 0;
    },
    finish() {
      isFinishing = true;
      endIfDone();
    },
    abort() {
      isFinishing = true;
      say('abort');
    },
    next() {
      if (ours !== undefined || theirs !== undefined) return false;
      const data = cut();
      if (data === undefined) return false;
      left -= costOf(data);
      send({ kind: 'piece', id, n: ++sent, data });
      sink?.moved();
      endIfDone();
      return room() > 0;
    },
    receive(packet) {
      if (theirs !== undefined) {
        fail('it was ended, and goes on');
        return;
      }
      if (packet.kind === 'abort') {
        takeEnd('abort');
        return;
      }
      if (!('n' in packet)) throw new ProtocolError(`the channel ${id} is open, and is not opened again`);
      // of what was broken off here nothing is looked at but its end
      if (packet.n !== ++received && ours !== 'abort') {
        const expected = received;
        received = packet.n;
        fail(`packet ${packet.n} came where ${expected} was expected`);
        if (packet.kind !== 'end') return;
      }
      switch (packet.kind) {
        case 'piece':
          if (ours === undefined && !isFinishing) takePiece(packet.data);
          break;
        case 'credit':
          left += packet.amount;
          if (room() > 0) ready();
          break;
        case 'end':
          takeEnd('end');
          break;
      }
    },
    lost(reason) {
      over = reason;
      theirs ??= 'abort';
      tell(reason);
      if (ours !== undefined) return;
      ours = 'abort';
      drop();
      sink?.finished();
    },
  };
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
