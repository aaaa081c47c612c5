import { Subject, takeUntil } from 'rxjs';
import type { Clock } from '../env/clock.js';
import type { Chunk, Duplex } from '../transport/duplex.js';
import { TURN } from './writer.js';

/** The reading half of a stream: reads while somebody wants it, and not too much in a turn of the event loop (V15). */
export interface Reader {
  /** The connection is there, with what was read of it before. */
  attach(duplex: Duplex, early: Uint8Array): void;
  want(): void;
  /** Enough for now. */
  rest(): void;
  /** Nothing more is looked at. */
  stop(): void;
}

export interface ReaderEvents {
  chunk(octets: Uint8Array): void;
  /** The connection has ended, or has broken. */
  ended(error?: Error): void;
}

const encoder = new TextEncoder();

export function createReader(clock: Pick<Clock, 'turn'>, events: ReaderEvents): Reader {
  const stop$ = new Subject<void>();
  let duplex: Duplex | undefined;
  let begun: Uint8Array = new Uint8Array();
  let isReading = false;
  let isWanted = false;
  let isStopped = false;
  /** How much has come in this turn; when it is enough, the next turn goes on. */
  let size = 0;
  let isResting = false;

  const take = (chunk: Chunk): void => {
    const octets = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
    size += octets.length;
    if (!isResting && size >= TURN) {
      isResting = true;
      clock.turn(() => {
        isResting = false;
        size = 0;
        read();
      });
    }
    events.chunk(octets);
    if (isResting) pause();
  };

  const read = (): void => {
    if (duplex === undefined || isReading || isResting || !isWanted || isStopped) return;
    if (begun.length > 0) {
      const first = begun;
      begun = new Uint8Array();
      take(first);
      read();
      return;
    }
    isReading = true;
    // not by the subscription: what waits already arrives before there is one
    duplex.incoming$.pipe(takeUntil(stop$)).subscribe({
      next: take,
      error: (error: unknown) => { events.ended(error instanceof Error ? error : new Error(String(error))); },
      complete: () => { if (isReading) events.ended(); },
    });
  };

  const pause = (): void => {
    if (!isReading) return;
    isReading = false;
    stop$.next();
  };

  return {
    attach(connection, early) {
      duplex = connection;
      begun = early;
      read();
    },
    want() {
      isWanted = true;
      read();
    },
    rest() {
      isWanted = false;
      pause();
    },
    stop() {
      isStopped = true;
      pause();
    },
  };
}
