import { Duplex as Stream } from 'node:stream';
import { concat, of, Subscription, takeWhile } from 'rxjs';
import type { Duplex } from './duplex.js';
import { HIGH_WATER_MARK } from './backpressure.js';

/**
 * A duplex as a stream of Node.js, for TLS to run over: reading starts with `early`, which was read of the duplex before.
 * Finishing or destroying the stream closes the duplex, gracefully.
 */
export function streamOf(duplex: Duplex, early: Uint8Array): Stream {
  let reading: Subscription | undefined;
  let written: (() => void) | undefined;
  const goOn = (): void => {
    const done = written;
    written = undefined;
    done?.();
  };
  const drains = duplex.drained$.subscribe({ next: goOn, complete: goOn });
  const stream = new Stream({
    // the other end closes as a whole, as duplexes do; and TLS that was not done by then has failed
    allowHalfOpen: false,
    highWaterMark: HIGH_WATER_MARK,
    read() {
      if (reading !== undefined) return;
      reading = new Subscription();
      reading.add(
        concat(duplex.incoming$, of(null))
          .pipe(takeWhile((chunk) => stream.push(chunk)))
          .subscribe({
            complete: () => (reading = undefined),
            error: (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
          }),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      if (duplex.write(chunk)) done();
      else written = done;
    },
    final(done) {
      duplex.close();
      done();
    },
    destroy(error, done) {
      reading?.unsubscribe();
      drains.unsubscribe();
      duplex.close();
      done(error);
    },
  });
  if (early.length > 0) stream.push(early);
  return stream;
}
