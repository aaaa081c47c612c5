import { map } from 'rxjs';
import type { Chunk, Duplex, Transport } from '../../src/transport/duplex.js';

/** Listens in on what one host writes, and writes more. */
export interface Tap {
  readonly transport: Transport;
  /** Writes to the last connection that was made, as if the node had. */
  inject(chunk: Chunk): void;
}

/** `written` hears each write, and the host that it goes to. */
export function tapOn(transport: Transport, written: (to: string, chunk: Chunk) => void): Tap {
  let last: Duplex | undefined;
  const tapped = (duplex: Duplex): Duplex => {
    const to = duplex.remoteAddress.replace('memory://', '');
    last = duplex;
    return {
      ...duplex,
      write(chunk) {
        written(to, chunk);
        return duplex.write(chunk);
      },
    };
  };
  return {
    transport: {
      schemes: transport.schemes,
      connect: (address) => transport.connect(address).pipe(map(tapped)),
      listen: (bind) =>
        transport.listen(bind).pipe(map((event) => (event.kind === 'connection' ? { ...event, duplex: tapped(event.duplex) } : event))),
    },
    inject(chunk) {
      last?.write(chunk);
    },
  };
}
