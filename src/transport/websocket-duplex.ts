import type { IncomingMessage } from 'node:http';
import { Subject } from 'rxjs';
import { WebSocket } from 'ws';
import type { Cancel } from '../env/clock.js';
import { destroyWhenStuck, HIGH_WATER_MARK } from './backpressure.js';
import type { Duplex } from './duplex.js';
import { connectionFailure } from './failure.js';
import { createInbox } from './inbox.js';
import { closeFailure } from './websocket-close.js';
import type { WebSocketSettings } from './websocket-settings.js';

/**
 * While octets are limited, so are the pieces in which they come: each costs some hundred octets, however short it is. 1 MiB in the
 * smallest usual packets is 800.
 */
const MOST_PIECES = 1_000;

/** What is known of a WebSocket connection besides it. */
export interface WebSocketEnd {
  readonly socket: IncomingMessage['socket'] | undefined;
  readonly remoteAddress: string;
  readonly secure: boolean;
  /** Of the page that has connected. */
  readonly origin?: string | undefined;
}

/** One end of a WebSocket connection. */
export function webSocketDuplex(ws: WebSocket, end: WebSocketEnd, { clock, closeTime }: WebSocketSettings): Duplex {
  const { socket, remoteAddress, secure, origin } = end;
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  const inbox = createInbox({
    flow: (on) => {
      if (on) ws.resume();
      else ws.pause();
    },
  });
  let open = true;
  let pressed = false;
  /** What had not left when the connection was destroyed. */
  let dropped: number | undefined;
  let stopWatch: Cancel = () => undefined;

  const unsent = (): number => dropped ?? ws.bufferedAmount;
  const destroy = (): void => {
    dropped ??= ws.bufferedAmount;
    ws.terminate();
  };
  /** Only when all has left: ws gives a connection `closeTime` from here on. */
  const sayClose = (): void => {
    if (ws.bufferedAmount === 0) ws.close(1000);
  };
  const watch = (within?: number): void => {
    stopWatch();
    stopWatch = destroyWhenStuck(clock, closeTime, { backlog: unsent, destroy }, within);
  };
  const finish = (within?: number): void => {
    open = false;
    sayClose();
    // what still comes is dropped, but has to be read: behind it is the other end's close frame
    ws.resume();
    watch(within);
  };
  const sent = (): void => {
    if (!open) sayClose();
    if (!open || !pressed || ws.bufferedAmount > HIGH_WATER_MARK / 2) return;
    pressed = false;
    drained$.next();
  };

  // frames can come along with the upgrade
  ws.pause();
  ws.on('message', (data, isBinary) => {
    inbox.push(isBinary ? (data as Buffer) : (data as Buffer).toString());
  });
  ws.on('error', (cause) => {
    if (open) finish();
    inbox.end(connectionFailure(remoteAddress, cause));
  });
  ws.on('close', (code, reason) => {
    open = false;
    stopWatch();
    inbox.end(closeFailure(remoteAddress, code, reason.toString()));
    drained$.complete();
    gone$.complete();
  });

  return {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    origin,
    get arrived() {
      return socket?.bytesRead ?? 0;
    },
    secure,
    limit(octets) {
      if (socket === undefined) return () => undefined;
      const most = socket.bytesRead + octets;
      let pieces = 0;
      const look = (): void => {
        pieces++;
        if (pieces <= MOST_PIECES && socket.bytesRead <= most) return;
        ws.terminate();
        const what = pieces > MOST_PIECES ? `${MOST_PIECES} pieces` : `${octets} octets`;
        inbox.end(connectionFailure(remoteAddress, `more than ${what} came at once`));
      };
      socket.on('data', look);
      return () => {
        socket.off('data', look);
      };
    },
    write(chunk) {
      if (!open || ws.readyState !== WebSocket.OPEN) return true;
      ws.send(chunk, sent);
      pressed ||= ws.bufferedAmount > HIGH_WATER_MARK;
      return !pressed;
    },
    get unsent() {
      return unsent();
    },
    close(error, within) {
      if (!open) {
        if (error === undefined && within !== undefined && ws.readyState !== WebSocket.CLOSED) watch(within);
        return;
      }
      if (error === undefined) {
        finish(within);
      } else {
        open = false;
        ws.terminate();
      }
      drained$.complete();
      inbox.abort();
    },
  };
}
