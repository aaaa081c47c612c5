import { Observable, throwError } from 'rxjs';
import { realClock } from '../env/clock.js';
import { defaultLimits } from '../env/limits.js';
import { BadAddress } from '../wire/errors.js';
import type { Address } from './address.js';
import type { Duplex, Transport } from './duplex.js';
import { connectFailure } from './failure.js';
import { adoptable } from './node-transports.js';
import { browserDuplex, type BrowserSocket, type BrowserSettings } from './websocket-browser-duplex.js';
import { webSocketUrl } from './websocket-url.js';

/** Makes a WebSocket, as `new WebSocket(url)` does. */
type OpenSocket = (url: string) => BrowserSocket;

const openSocket: OpenSocket = (url) => {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => BrowserSocket };
  if (WebSocket === undefined) throw new TypeError('this platform has no WebSocket');
  return new WebSocket(url);
};

/** All that browsers tell of a connection that was not made. */
const UNKNOWN = 'browsers do not tell why; is there a listener, does it accept the origin of this page, and is its certificate good?';

/**
 * WebSocket in browsers: connects to `ws://host:port/path` and `wss://`, and can't listen. A browser reads ahead without end,
 * so `maxPayload` is checked when a frame is there already; and it can't break a connection off, so an abrupt end is a close
 * frame with a code of its own.
 */
export function browserWebSocketTransport(options: Partial<BrowserSettings> = {}, open = openSocket): Transport {
  const settings: BrowserSettings = { clock: realClock, maxPayload: defaultLimits.messageSize, closeTime: 5_000, ...options };
  const transport: Transport = {
    schemes: ['ws', 'wss'],
    listen: ({ text }) => throwError(() => new BadAddress(`cannot listen on ${text}: browsers only connect, so leave "binds" out`)),
    connect: (address) => connect(address, settings, open),
  };
  return adoptable(transport, ({ clock, limits }) => browserWebSocketTransport({ clock, maxPayload: limits.messageSize, ...options }, open));
}

function connect(address: Address, settings: BrowserSettings, open: OpenSocket): Observable<Duplex> {
  return new Observable((subscriber) => {
    const url = webSocketUrl(address);
    let pending = true;
    let ws: BrowserSocket;
    try {
      ws = open(url);
    } catch (cause) {
      // a page of https:// may not open ws://, which is said at once
      subscriber.error(connectFailure(address, cause));
      return undefined;
    }
    ws.binaryType = 'arraybuffer';
    ws.onopen = () => {
      pending = false;
      subscriber.next(browserDuplex(ws, address, settings));
      subscriber.complete();
    };
    ws.onclose = ({ code }) => {
      subscriber.error(connectFailure(address, `closed with code ${code}: ${UNKNOWN}`));
    };
    return () => {
      if (!pending) return;
      ws.onopen = ws.onclose = null;
      ws.close();
    };
  });
}
