import type { Clock } from '../env/clock.js';
import type { Duplex } from '../transport/duplex.js';

/** So much is written in a turn of the event loop: what else the node has to do comes in between (V15). */
export const TURN = 128 * 1024;

/** The writing half of a stream: gathers what is small, and goes no faster than the connection. */
export interface Writer {
  /** Resolves when more may be written; at once where it returns nothing. */
  write(octets: Uint8Array): Promise<void> | undefined;
  /** Calls `ended` with how much it was in all, when all of it was written to the connection. Resolves when `finished` is called. */
  end(): Promise<void>;
  /** The other end has everything. */
  finished(): void;
  /** The connection is there. */
  attach(duplex: Duplex): void;
  /** Drops what waits; who waits is told. */
  fail(error: unknown): void;
}

export interface WriterEvents {
  ended(total: number): void;
  /** The connection takes nothing any more. */
  lost(): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

export function createWriter(clock: Pick<Clock, 'turn'>, events: WriterEvents): Writer {
  let duplex: Duplex | undefined;
  let pieces: Uint8Array[] = [];
  let size = 0;
  let total = 0;
  let isScheduled = false;
  let isBlocked = false;
  let isEnding = false;
  let failed: { readonly error: unknown } | undefined;
  /** Who waits for room, and who for the end: a stream calls one after the other. */
  let waiter: Waiter | undefined;

  const waiting = (): Promise<void> =>
    new Promise((resolve, reject) => {
      waiter = { resolve, reject };
    });

  const schedule = (): void => {
    if (isScheduled || isBlocked || duplex === undefined || size === 0) return;
    isScheduled = true;
    clock.turn(send);
  };

  const send = (): void => {
    isScheduled = false;
    if (duplex === undefined || failed !== undefined) return;
    for (const piece of gathered(pieces)) isBlocked = !duplex.write(piece) || isBlocked;
    pieces = [];
    size = 0;
    if (!isBlocked) goOn();
    else if (isEnding) tellEnd();
  };

  const goOn = (): void => {
    if (isEnding) tellEnd();
    else resolve();
  };

  const tellEnd = (): void => {
    if (size === 0) events.ended(total);
  };

  const resolve = (): void => {
    waiter?.resolve();
    waiter = undefined;
  };

  return {
    write(octets) {
      if (octets.length === 0) return undefined;
      pieces.push(octets);
      size += octets.length;
      total += octets.length;
      schedule();
      return size < TURN ? undefined : waiting();
    },
    end() {
      isEnding = true;
      const promise = waiting();
      tellEnd();
      return promise;
    },
    finished: resolve,
    attach(connection) {
      duplex = connection;
      connection.drained$.subscribe({
        next() {
          isBlocked = false;
          schedule();
          if (!isEnding) resolve();
        },
        complete() {
          if (failed === undefined) events.lost();
        },
      });
      schedule();
    },
    fail(error) {
      failed ??= { error };
      pieces = [];
      size = 0;
      waiter?.reject(error);
      waiter = undefined;
    },
  };
}

/** A piece that is at least so long is written as it is: to copy it would be a second of the same size to be collected as garbage. */
const LARGE = 16 * 1024;

/** The pieces, with those that are small put together. */
function gathered(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const all: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) all.push(joined(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < LARGE) small.push(piece);
    else {
      flush();
      all.push(piece);
    }
  }
  flush();
  return all;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
