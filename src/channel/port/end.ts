import type { Clock } from '../../env/clock.js';
import type { Limits } from '../../env/limits.js';
import type { Duplex } from '../../transport/duplex.js';
import { RxmpError } from '../../wire/errors.js';
import { valuesFraming } from '../../wire/values.js';
import { createChannel, type CarriedChannel } from '../core/channel.js';
import { SMALLEST_WINDOW } from '../core/packet.js';
import { channelDuplex } from '../duplex.js';
import { createMeeting, helloOf, type Hello } from '../core/meeting.js';
import { holdLock, watchLock } from './life.js';
import { posted, readPacket, TAG } from './packets.js';
import { listenTo, tellsItsEnd, type AttachablePort } from './port.js';

const HELLO = 'hello';
/** This end holds a lock by which the other one sees that it is alive, where ports tell nothing. */
const HELD = 'held';

/** How long a connection that is closed may make no progress, ms, as over TCP. */
const CLOSE_TIME = 5_000;

/** What both ends have said before they were connected. */
export interface Met {
  readonly own: Hello;
  readonly other: Hello;
}

export interface PortEndContext {
  readonly port: AttachablePort;
  /** How the other end is called. */
  readonly remoteAddress: string;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'nameSize' | 'channelWindow' | 'channelPiece'>;
  /** For a new session: what it says beside its window. */
  hello(): Omit<Hello, 'window'>;
  /** There is a new connection; the last one has ended. */
  connected(duplex: Duplex, met: Met): void;
  /** The port is of no use any more. */
  gone(reason: string): void;
  /** Code over there has failed. */
  failed(error: unknown): void;
}

export type PortEnd = ReturnType<typeof createPortEnd>;

/** One end of a port: a channel on it is a connection (V1 to V4), one at a time. */
export function createPortEnd({ port, remoteAddress, clock, limits, ...context }: PortEndContext) {
  let current: { readonly channel: CarriedChannel; readonly met: Met } | undefined;
  let duplex: Duplex | undefined;
  /** The lock that this end holds. */
  let lock: string | undefined;
  let stopWatching = (): void => undefined;
  let isOver = false;
  let isGone = false;

  /** To a session over there, so that what comes late for another one is not taken for it. */
  const post = ({ other }: Met, elements: readonly unknown[], transfer: ArrayBuffer[] = []): void => {
    port.postMessage([TAG, other.session, ...elements], transfer);
  };

  const open = (met: Met): CarriedChannel => {
    let scheduled = false;
    const channel = createChannel({
      id: 1,
      window: met.own.window,
      credit: met.other.window,
      pieceSize: limits.channelPiece,
      send(packet) {
        const { elements, transfer } = posted(packet);
        try {
          post(met, elements, transfer);
        } catch (error) {
          // a buffer that its owner never lets go
          clock.soon(() => { lose(`it can't be sent: ${error instanceof Error ? error.message : String(error)}`); });
        }
      },
      ready() {
        if (scheduled) return;
        scheduled = true;
        clock.soon(() => {
          scheduled = false;
          while (channel.next());
        });
      },
      gone() {
        if (current?.channel === channel) current = undefined;
      },
    });
    return channel;
  };

  /** The connection is broken; the other end hears of it if it hears anything. */
  const lose = (reason: string): void => {
    const lost = current;
    current = undefined;
    lost?.channel.lost(reason);
  };

  const meeting = createMeeting({
    hello: () => ({ ...context.hello(), window: Math.max(limits.channelWindow, SMALLEST_WINDOW) }),
    say(own, to) {
      port.postMessage([TAG, HELLO, own, to], []);
    },
    met(own, other) {
      lose('the other end has begun anew');
      const met = { own, other };
      current = { met, channel: open(met) };
      duplex = channelDuplex(current.channel, { clock, remoteAddress, closeTime: CLOSE_TIME, values: valuesFraming });
      tellLock();
      context.connected(duplex, met);
    },
  });

  const tellLock = (): void => {
    if (lock !== undefined && current !== undefined) post(current.met, [HELD, lock]);
  };

  const take = (channel: CarriedChannel, elements: readonly unknown[]): void => {
    const [kind, name] = elements;
    if (kind !== HELD) channel.receive(readPacket(elements, limits));
    else if (typeof name === 'string' && !tellsItsEnd(port)) {
      stopWatching();
      stopWatching = watchLock(name, () => { gone('its page or worker is gone'); });
    }
  };

  const receive = (to: unknown, elements: readonly unknown[]): void => {
    try {
      const [hello, answered] = elements;
      if (to !== HELLO) {
        if (current !== undefined && to === current.met.own.session) take(current.channel, elements);
      } else if (!isOver) meeting.heard(helloOf(hello, limits), typeof answered === 'string' ? answered : undefined);
    } catch (error) {
      if (!(error instanceof RxmpError)) throw error;
      if (current !== undefined) post(current.met, ['abort', 1]);
      lose(error.message);
    }
  };

  const gone = (reason: string): void => {
    if (isGone) return;
    isGone = isOver = true;
    stop();
    stopWatching();
    lose(reason);
    context.gone(reason);
  };

  const stop = listenTo(port, {
    message(message) {
      if (Array.isArray(message) && message[0] === TAG) receive(message[1], message.slice(2));
    },
    gone,
    failed: context.failed,
  });

  if (!tellsItsEnd(port)) {
    const { session } = context.hello();
    holdLock(`rxmp ${session}`, () => {
      lock = `rxmp ${session}`;
      tellLock();
    });
  }

  return {
    /** Offers a new connection. */
    begin: meeting.begin,
    /** The other end is known to be gone. */
    gone,
    /** Leaves the port alone as soon as what was said over the last connection, which somebody has closed, has left. */
    close(): void {
      isOver = true;
      const leave = (): void => {
        stop();
        stopWatching();
      };
      if (duplex?.gone$ === undefined) leave();
      else duplex.gone$.subscribe({ complete: leave });
    },
  };
}
