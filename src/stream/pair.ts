import type { Clock } from '../env/clock.js';
import type { Duplex } from '../transport/duplex.js';
import type { Codec } from './codec.js';
import { createReader } from './reader.js';
import { createWriter } from './writer.js';

/** What happens to the two Web Streams of an end. */
export interface PairEvents {
  /** All was written to the connection: so many octets. */
  written(total: number): void;
  /** Their user has given one of them up. */
  aborted(reason: unknown): void;
  cancelled(reason: unknown): void;
  /** So many octets were taken from the connection. */
  arrived(octets: number): void;
  /** The connection takes nothing any more, or gives nothing. */
  deaf(): void;
  ended(error?: Error): void;
  /** What has arrived is nothing that could be read. */
  garbled(error: Error): void;
}

export interface Pair<T> {
  readonly readable: ReadableStream<T>;
  readonly writable: WritableStream<T>;
  /** The connection is there, with what was read of it before. */
  attach(duplex: Duplex, early: Uint8Array): void;
  /** The other end has all that was written. */
  finishWriting(): void;
  /** All has arrived. */
  finishReading(): void;
  failWriting(error: unknown): void;
  failReading(error: unknown): void;
}

/** The Web Streams of an end of a stream, on a connection that comes later. */
export function createPair<T>(clock: Pick<Clock, 'turn'>, { encode, decode, strategy }: Codec<T>, events: PairEvents): Pair<T> {
  let into!: ReadableStreamDefaultController<T>;
  let outOf!: WritableStreamDefaultController;
  const writer = createWriter(clock, { ended: events.written, lost: events.deaf });
  const reader = createReader(clock, {
    chunk(octets) {
      try {
        decode(octets, (value) => { into.enqueue(value); });
      } catch (error) {
        reader.stop();
        events.garbled(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if ((into.desiredSize ?? 0) <= 0) reader.rest();
      events.arrived(octets.length);
    },
    ended: events.ended,
  });

  const readable = new ReadableStream<T>(
    {
      start(controller) { into = controller; },
      pull: reader.want,
      cancel(reason) {
        reader.stop();
        events.cancelled(reason);
      },
    },
    strategy,
  );
  const writable = new WritableStream<T>(
    {
      start(controller) { outOf = controller; },
      write(value) {
        let octets: Uint8Array;
        try {
          octets = encode(value);
        } catch (error) {
          // the stream fails of it, and asks nobody
          events.aborted(error);
          throw error;
        }
        return writer.write(octets);
      },
      close: writer.end,
      abort(reason) {
        writer.fail(reason);
        events.aborted(reason);
      },
    },
    strategy,
  );

  return {
    readable,
    writable,
    attach(duplex, early) {
      writer.attach(duplex);
      reader.attach(duplex, early);
    },
    finishWriting: writer.finished,
    finishReading() {
      reader.stop();
      into.close();
    },
    failWriting(error) {
      outOf.error(error);
      writer.fail(error);
    },
    failReading(error) {
      reader.stop();
      into.error(error);
    },
  };
}
