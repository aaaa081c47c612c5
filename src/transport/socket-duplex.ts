import type { Socket } from 'node:net';
import { Subject } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import { destroyWhenStuck } from './backpressure.js';
import type { Duplex } from './duplex.js';
import { connectionFailure } from './failure.js';
import { createInbox } from './inbox.js';

/** What {@link socketDuplex} needs to know beside the socket. */
export interface SocketDuplexOptions {
  readonly clock: Clock;
  /** How long a closed connection may make no progress before it is destroyed, in ms. */
  readonly closeTime: number;
  readonly remoteAddress: string;
  /** It is encrypted already. */
  readonly secure?: boolean;
  /** Why the connection broke, as an error for people. Default: a `TransportError` that names the other end. */
  readonly failure?: (cause: Error) => Error;
  /** Ends the connection at once, so that the other end sees it broken. */
  readonly abort: () => void;
}

/** It knows what has not left, and tells when it is gone. */
export type SocketDuplex = Duplex & Required<Pick<Duplex, 'gone$' | 'unsent'>>;

/** A duplex on a socket of Node.js, of TCP or TLS, that is open. */
export function socketDuplex(socket: Socket, options: SocketDuplexOptions): SocketDuplex {
  const { clock, closeTime, remoteAddress, secure = false, abort } = options;
  const { failure = (cause) => connectionFailure(remoteAddress, cause) } = options;
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  const inbox = createInbox({
    flow: (on) => {
      if (on) socket.resume();
      else socket.pause();
    },
  });
  let open = true;
  /** What had not left when the connection was destroyed. */
  let dropped: number | undefined;
  let stopWatch: Cancel = () => undefined;

  const unsent = (): number => dropped ?? socket.writableLength;
  const destroy = (): void => {
    dropped ??= socket.writableLength;
    socket.destroy();
  };
  const watch = (within?: number): void => {
    stopWatch();
    stopWatch = destroyWhenStuck(clock, closeTime, { backlog: unsent, destroy }, within);
  };
  const finish = (within?: number): void => {
    open = false;
    socket.end();
    watch(within);
  };

  socket.pause();
  socket.on('data', (chunk) => {
    inbox.push(chunk);
  });
  socket.on('drain', () => {
    drained$.next();
  });
  socket.on('end', () => {
    inbox.end();
    if (open) finish();
  });
  socket.on('error', (cause) => {
    // a TLS socket emits this before it is destroyed; the end is final here already
    open = false;
    inbox.end(failure(cause));
    socket.destroy();
  });
  socket.on('close', () => {
    open = false;
    stopWatch();
    inbox.end();
    drained$.complete();
    gone$.complete();
  });

  return {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    secure,
    write: (chunk) => !open || socket.write(chunk),
    get unsent() {
      return unsent();
    },
    close(error, within) {
      if (!open) {
        if (error === undefined && within !== undefined && !socket.destroyed) watch(within);
        return;
      }
      if (error === undefined) {
        finish(within);
        // what still comes is dropped, but has to be read: behind it is the other end's FIN
        socket.resume();
      } else {
        open = false;
        abort();
      }
      drained$.complete();
      inbox.abort();
    },
  };
}
