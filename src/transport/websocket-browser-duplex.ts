import { Subject } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import type { Address } from './address.js';
import { destroyWhenStuck, HIGH_WATER_MARK } from './backpressure.js';
import type { Chunk, Duplex } from './duplex.js';
import { connectionFailure } from './failure.js';
import { createInbox } from './inbox.js';
import { ABORTED, closeFailure } from './websocket-close.js';

/** What is used of the WebSocket of browsers. */
export interface BrowserSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: Uint8Array | string): void;
  close(code?: number): void;
}

export interface BrowserSettings {
  readonly clock: Clock;
  /** The longest frame that is accepted, in octets. */
  readonly maxPayload: number;
  /** How long a closed connection may make no progress before it is given up, in ms. */
  readonly closeTime: number;
}

/** `readyState` of an open WebSocket. */
const OPEN = 1;
/** How often it is looked whether what was written has left, in ms: browsers do not tell. */
const POLL = 10;

/** One end of a WebSocket connection in a browser. */
export function browserDuplex(ws: BrowserSocket, address: Address, { clock, maxPayload, closeTime }: BrowserSettings): Duplex {
  const remoteAddress = address.text;
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  const inbox = createInbox();
  let open = true;
  let over = false;
  let arrived = 0;
  let most = Infinity;
  let pressed = false;
  let stopPolling: Cancel = () => undefined;
  let stopWatch: Cancel = () => undefined;

  const gone = (): void => {
    over = true;
    stopPolling();
    stopWatch();
    drained$.complete();
    gone$.complete();
  };
  const watch = (within?: number): void => {
    stopWatch();
    // given up, not stopped: what the browser holds may leave for as long as the page lives, so nothing of it counts as unsent
    stopWatch = destroyWhenStuck(clock, closeTime, { backlog: () => ws.bufferedAmount, destroy: gone }, within);
  };
  const end = (code: number, within?: number): void => {
    if (!open) return;
    open = false;
    stopPolling();
    ws.close(code);
    watch(within);
  };
  const poll = (): void => {
    stopPolling = clock.after(POLL, () => {
      if (ws.bufferedAmount > HIGH_WATER_MARK / 2) {
        poll();
        return;
      }
      pressed = false;
      drained$.next();
    });
  };
  const refuse = (why: string): void => {
    end(ABORTED);
    inbox.end(connectionFailure(remoteAddress, why));
  };

  ws.onmessage = ({ data }) => {
    const chunk: Chunk = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    arrived += chunk.length;
    if (chunk.length > maxPayload) refuse(`a frame of ${chunk.length} octets came: the longest may be ${maxPayload}`);
    else if (arrived > most) refuse('more came at once than may come before the other end has proved who it is');
    else inbox.push(chunk);
  };
  ws.onclose = ({ code, reason }) => {
    open = false;
    inbox.end(closeFailure(remoteAddress, code, reason));
    gone();
  };

  return {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    secure: address.scheme === 'wss',
    limit(octets) {
      most = arrived + octets;
      return () => {
        most = Infinity;
      };
    },
    write(chunk) {
      if (!open || ws.readyState !== OPEN) return true;
      ws.send(chunk);
      if (!pressed && ws.bufferedAmount > HIGH_WATER_MARK) {
        pressed = true;
        poll();
      }
      return !pressed;
    },
    close(error, within) {
      if (!open) {
        if (error === undefined && within !== undefined && !over) watch(within);
        return;
      }
      end(error === undefined ? 1000 : ABORTED, within);
      drained$.complete();
      inbox.abort();
    },
  };
}
