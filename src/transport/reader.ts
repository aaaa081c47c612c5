import { Subject, takeUntil, type Observable, type Subscription } from 'rxjs';
import type { Clock } from '../env/clock.js';
import { RxmpError } from '../wire/errors.js';
import type { Decoder, Deliver, Encoded } from '../wire/message.js';
import type { Duplex } from './duplex.js';

/** Runs a task; see `LinkSink`. */
export type TakeIn = (decode: () => void) => void;

/** Whom a reader tells. */
export interface ReaderEvents {
  readonly message: Deliver;
  /** A chunk was read. */
  read(octets: number): void;
  /** What has arrived is no message. */
  bad(error: RxmpError): void;
  /** The connection has ended; undefined: not with an error. */
  ended(error: Error | undefined): void;
  /** Room was made for what is written. */
  drained(): void;
}

/** Reads a connection, and another one when that is gone: cuts what arrives into messages. */
export interface Reader {
  /**
   * Takes a connection over; `early` is what was read of it beyond the handshake, and `incoming$` what is read now. It is read once `start`
   * was called.
   */
  attach(duplex: Duplex, early: Uint8Array, incoming$: Observable<Encoded>, decoder: Decoder<Encoded>): void;
  /** Has nothing to do with the connection any more. */
  detach(): void;
  /** `takeIn` runs what calls `message` for all that one chunk brings. */
  start(takeIn: TakeIn): void;
  /** Reads no further, so that the other end feels it, until `resume`. */
  pause(): void;
  resume(): void;
  readonly isRead: boolean;
  /** Signs of life: what has arrived, chunks or octets, and writes that the other end has made room for. */
  readonly signs: number;
}

interface Source {
  readonly duplex: Duplex;
  readonly incoming$: Observable<Encoded>;
  readonly decoder: Decoder<Encoded>;
  readonly subscription: Subscription;
  begun: Encoded | undefined;
}

/** `atOnce`: of a longer chunk no more octets are taken in one turn, and the rest in the next ones, so that others have theirs in between. */
export function createReader(clock: Pick<Clock, 'turn'>, events: ReaderEvents, atOnce = Infinity): Reader {
  let source: Source | undefined;
  let takeIn: TakeIn | undefined;
  let paused = false;
  let reading = false;
  /** The rest of a chunk waits for its turn. */
  let isResting = false;
  /** How often it was begun. */
  let readings = 0;
  let signs = 0;
  const stop$ = new Subject<void>();

  const chunk = (whole: Encoded): void => {
    const data = whole instanceof Uint8Array && whole.length > atOnce ? whole.subarray(0, atOnce) : whole;
    if (data !== whole) rest((whole as Uint8Array).subarray(atOnce));
    signs++;
    takeIn?.(() => {
      try {
        source?.decoder.push(data, events.message);
      } catch (error) {
        // what the other end does wrong ends the connection, and nothing else
        if (!(error instanceof RxmpError)) throw error;
        events.bad(error);
      }
    });
    events.read(data.length);
  };

  const rest = (left: Uint8Array): void => {
    if (source !== undefined) source.begun = left;
    isResting = true;
    stop();
    clock.turn(() => {
      isResting = false;
      read();
    });
  };

  const read = (): void => {
    if (source === undefined || reading || isResting || paused || takeIn === undefined) return;
    const { incoming$, begun } = source;
    reading = true;
    const mine = ++readings;
    if (begun !== undefined) {
      source.begun = undefined;
      chunk(begun);
    }
    const isMine = (): boolean => reading && readings === mine;
    // that may have stopped it, and begun again
    if (!isMine()) return;
    // not by the subscription: what waits already arrives before there is one
    incoming$.pipe(takeUntil(stop$)).subscribe({
      next: chunk,
      error: (error: unknown) => { events.ended(error instanceof Error ? error : new Error(String(error))); },
      complete: () => {
        if (isMine()) events.ended(undefined);
      },
    });
  };

  const stop = (): void => {
    if (!reading) return;
    reading = false;
    stop$.next();
  };

  return {
    attach(duplex, early, incoming$, decoder) {
      source = {
        ...{ duplex, incoming$, decoder },
        subscription: duplex.drained$.subscribe(() => {
          signs++;
          events.drained();
        }),
        begun: early.length > 0 ? early : undefined,
      };
      read();
    },
    detach() {
      stop();
      signs += source?.duplex.arrived ?? 0;
      source?.subscription.unsubscribe();
      source = undefined;
    },
    start(given) {
      takeIn = given;
      read();
    },
    pause() {
      paused = true;
      stop();
    },
    resume() {
      paused = false;
      read();
    },
    get isRead() {
      return reading;
    },
    get signs() {
      return signs + (source?.duplex.arrived ?? 0);
    },
  };
}
