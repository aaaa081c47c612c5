import { Subject } from 'rxjs';
import type { Clock } from '../env/clock.js';
import type { Chunk, Duplex } from './duplex.js';
import { connectionFailure } from './failure.js';
import { createInbox } from './inbox.js';

/** The writer has finished: nothing comes after this. */
export const END = Symbol('end');
/** The writer has aborted the connection. */
export const RESET = Symbol('reset');

/** What travels in one direction. */
export type Parcel = Chunk | typeof END | typeof RESET;

/**
 * Carries the parcels of one direction: calls `deliver` when a parcel arrives, never before it has returned. It may delay,
 * split, change or drop them, and should keep their order, as a stream does.
 *
 * @example
 * const slow: Carry = (parcel, deliver) => clock.after(40, () => deliver(parcel));
 */
export type Carry = (parcel: Parcel, deliver: (parcel: Parcel) => void) => void;

/** Options of {@link duplexPair}. */
export interface PairOptions {
  readonly clock: Clock;
  /** Where the left end is, as the right one sees it, and where the right end is. */
  readonly addresses: readonly [left: string, right: string];
  /** What was written and not yet read when `write` answers false, in octets; a character of text counts as one. */
  readonly highWaterMark?: number;
  /** Default: in the next turn of the clock. */
  readonly leftToRight?: Carry;
  readonly rightToLeft?: Carry;
}

/** Two connected ends. */
export interface DuplexPair {
  readonly left: Duplex;
  readonly right: Duplex;
  /** The connection is lost: both ends, or only one, see an error at once, and what was under way is gone. */
  cut(cause: unknown, end?: 'left' | 'right'): void;
}

const HIGH_WATER_MARK = 256 * 1024;

/** A connection in memory that behaves as one over TCP: same backpressure, same graceful and abrupt ends. */
export function duplexPair(options: PairOptions): DuplexPair {
  const { clock, highWaterMark = HIGH_WATER_MARK } = options;
  const nextTurn: Carry = (parcel, deliver) => {
    clock.turn(() => {
      deliver(parcel);
    });
  };
  const { leftToRight = nextTurn, rightToLeft = nextTurn } = options;
  const left: Side = createSide({
    clock,
    highWaterMark,
    remoteAddress: options.addresses[1],
    send: (parcel) => {
      leftToRight(parcel, right.receive);
    },
    taken: (octets) => {
      right.acknowledge(octets);
    },
  });
  const right: Side = createSide({
    clock,
    highWaterMark,
    remoteAddress: options.addresses[0],
    send: (parcel) => {
      rightToLeft(parcel, left.receive);
    },
    taken: (octets) => {
      left.acknowledge(octets);
    },
  });
  return {
    left: left.duplex,
    right: right.duplex,
    cut(cause, end) {
      if (end !== 'right') left.fail(cause);
      if (end !== 'left') right.fail(cause);
    },
  };
}

interface Side {
  readonly duplex: Duplex;
  readonly receive: (parcel: Parcel) => void;
  /** The other side has read this much of what was written here. */
  readonly acknowledge: (octets: number) => void;
  readonly fail: (cause: unknown) => void;
}

interface SideOptions {
  readonly clock: Clock;
  readonly highWaterMark: number;
  readonly remoteAddress: string;
  readonly send: (parcel: Parcel) => void;
  readonly taken: (octets: number) => void;
}

function createSide({ clock, highWaterMark, remoteAddress, send, taken }: SideOptions): Side {
  const drained$ = new Subject<void>();
  let open = true;
  let unread = 0;
  let pressed = false;

  const inbox = createInbox({
    taken: (chunk) => {
      taken(chunk.length);
    },
    ended: () => {
      duplex.close();
    },
  });
  const shut = (): void => {
    open = false;
    drained$.complete();
  };
  const fail = (cause: unknown): void => {
    shut();
    inbox.abort(connectionFailure(remoteAddress, cause));
  };
  const duplex: Duplex = {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    remoteAddress,
    write(chunk) {
      if (!open) return true;
      unread += chunk.length;
      send(chunk);
      pressed ||= unread > highWaterMark;
      return !pressed;
    },
    close(error) {
      if (!open) return;
      shut();
      send(error === undefined ? END : RESET);
      inbox.abort();
    },
  };
  return {
    duplex,
    receive(parcel) {
      if (parcel === END) inbox.end();
      else if (parcel === RESET) fail('reset by the other end');
      else inbox.push(parcel);
    },
    acknowledge(octets) {
      unread -= octets;
      if (!pressed || unread > highWaterMark / 2) return;
      pressed = false;
      // in a turn of its own: the reader must not run the writer's code
      clock.turn(() => {
        drained$.next();
      });
    },
    fail,
  };
}
