import type { Limits } from '../env/limits.js';
import { connectionFailure } from '../transport/failure.js';
import type { Duplex } from '../transport/duplex.js';
import { cborFraming } from '../wire/cbor.js';
import { RxmpError } from '../wire/errors.js';
import { controlOf, elementsOf } from './core/control.js';
import type { StreamEnd } from './end.js';

const encoder = new TextEncoder();

/** The two ends of a stream talk over a connection, in CBOR. */
export function talkOver(duplex: Duplex, end: StreamEnd, limits: Limits): void {
  const decoder = cborFraming.decoder(limits);
  end.talk({
    say: (control) => void duplex.write(cborFraming.encode('', elementsOf(control))),
    close: () => { duplex.close(); },
  });
  duplex.incoming$.subscribe({
    next(chunk) {
      try {
        decoder.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, (_, message) => { end.hear(controlOf(message)); });
      } catch (error) {
        if (!(error instanceof RxmpError)) throw error;
        end.fail(error);
      }
    },
    error: (error: unknown) => { end.lost(error instanceof Error ? error.message : String(error)); },
    complete: () => { end.lost(connectionFailure(duplex.remoteAddress, 'it has ended').message); },
  });
}

/**
 * Where the other end is of AnyEvent::MP there is nothing but the connection (V16): what is all written ends it, and what is given up breaks it.
 */
export function talkToNobody(duplex: Duplex, end: StreamEnd): void {
  end.talk({
    say(control) {
      switch (control.kind) {
        case 'end':
          duplex.close();
          if (duplex.gone$ === undefined) end.hear({ kind: 'done' });
          else duplex.gone$.subscribe({ complete: () => { end.hear({ kind: 'done' }); } });
          break;
        case 'abort':
        case 'died':
          // first, since the end of the connection looks like that of what was read
          end.hear({ kind: 'abort', reason: control.reason });
          duplex.close(new Error('the stream was given up'));
          break;
        case 'over':
          end.hear(control);
          break;
        case 'cancel':
        case 'done':
        case 'dial':
        case 'wait':
          break;
      }
    },
    close: () => undefined,
  });
}
