import { AsyncSubject, BehaviorSubject, Subject, Subscription, takeUntil, type Observable } from 'rxjs';
import type { Env } from '../env/env.js';
import { RxmpError } from '../wire/errors.js';
import { framings, type Deliver } from '../wire/framing.js';
import type { Chunk, Duplex } from './duplex.js';
import type { Agreement } from './handshake.js';
import { sayGoodbye } from './goodbye.js';
import { createOutbox } from './outbox.js';

/** Where a link delivers. Nothing comes after `closed`. */
export interface LinkSink {
  message(portName: string, message: readonly unknown[]): void;
  /** Runs what calls `message` for all that one chunk brings. */
  takeIn(decode: () => void): void;
  /** The connection is gone; `reason` is for people. */
  closed(reason: string): void;
}

/** An authenticated connection to another node that carries messages. */
export interface Link extends Agreement {
  /** Node id of the other end. */
  readonly node: string;
  /** This end opened the connection. */
  readonly initiator: boolean;
  readonly remoteAddress: string;
  /** Begins to read. What arrived before waits in the connection. */
  open(sink: LinkSink): void;
  /** Reads no further, so that the other end feels it, until `resume`. */
  pause(): void;
  resume(): void;
  /** False before `open`, while paused, and after the end: then no sign of life can come. */
  readonly isRead: boolean;
  /** Queues a message; false above the high-water mark. Throws for messages that can't be encoded or are too large. */
  send(portName: string, message: readonly unknown[]): boolean;
  /** Writes what was sent now, not at the end of the turn. */
  flush(): void;
  /** Signs of life: what has arrived, chunks or octets, and writes that the other end has made room for. */
  readonly signs: number;
  /** Messages that were sent. */
  readonly sent: number;
  /** False while more waits than `limits.highWaterMark`; the current state first. Emits in the middle of `send`. */
  readonly writable$: Observable<boolean>;
  /** The end, once the connection is gone, also to those who ask later. */
  readonly closed$: Observable<LinkEnd>;
  /** Says goodbye: ends for this node, and for the other one when what was sent has left, or after `within` ms. */
  leave(within: number): void;
  /** After `leave` how many octets have not left, once nothing is held any more; after any other end nothing. Also to those who ask later. */
  readonly left$: Observable<number>;
  /** Ends at once, as failed. */
  close(reason: string): void;
}

/** How a link has ended. */
export interface LinkEnd {
  /** For people. */
  readonly reason: string;
  /** This end has broken off, because of what the other end did or did not do; otherwise somebody left, or was lost. */
  readonly fault: boolean;
}

/** What a handshake leaves behind. */
export interface Established {
  /** Nobody reads it. */
  readonly duplex: Duplex;
  /** What was read of it beyond the handshake. */
  readonly early: Uint8Array;
  readonly agreement: Agreement;
  readonly initiator: boolean;
}

/** The text that AnyEvent::MP gives for a connection that the other end closed. */
export const END_OF_FILE = 'Unexpected end-of-file';
const CLOSED_HERE = 'closed here';

/** Takes over a connection whose handshake is done. */
export function createLink({ duplex, early, agreement, initiator }: Established, env: Pick<Env, 'clock' | 'limits'>): Link {
  const framing = framings.get(agreement.sendFraming);
  const decoder = framings.get(agreement.receiveFraming)?.decoder(env.limits);
  if (framing === undefined || decoder === undefined) {
    throw new TypeError(`no framing "${agreement.sendFraming}" or "${agreement.receiveFraming}"`);
  }
  let sink: LinkSink | undefined;
  let begun: Chunk | undefined = early.length > 0 ? early : undefined;
  let paused = false;
  let reading = false;
  /** How often it was begun. */
  let readings = 0;
  let ended: string | undefined;
  /** The sink knows that the link has ended. */
  let told = false;
  let signs = 0;
  let sent = 0;
  const writable$ = new BehaviorSubject(true);
  const closed$ = new AsyncSubject<LinkEnd>();
  const left$ = new AsyncSubject<number>();
  const stop$ = new Subject<void>();
  const subscriptions = new Subscription();

  const end = (reason: string, error?: Error): void => {
    if (!stop(reason)) return;
    duplex.close(error);
    left$.complete();
    tellAll(reason, error !== undefined);
  };
  const stop = (reason: string): boolean => {
    if (ended !== undefined) return false;
    ended = reason;
    stopReading();
    subscriptions.unsubscribe();
    return true;
  };
  const tellAll = (reason: string, fault: boolean): void => {
    tellEnd();
    writable$.complete();
    closed$.next({ reason, fault });
    closed$.complete();
  };
  const tellEnd = (): void => {
    if (sink === undefined || ended === undefined || told) return;
    told = true;
    sink.closed(ended);
  };
  const outbox = createOutbox(duplex, framing, env, {
    flushed() {
      if (!writable$.value) writable$.next(true);
    },
    overflow(queued) {
      end(`the send queue is too long: ${queued} octets wait, limits.queueSize is ${env.limits.queueSize}`, new Error('queue'));
    },
  });
  subscriptions.add(
    duplex.drained$.subscribe(() => {
      signs++;
      outbox.drained();
    }),
  );
  const deliver: Deliver = (port, message) => {
    // nothing comes after the end, and a message without a port name is a keep-alive
    if (!told && typeof port === 'string') sink?.message(port, message);
  };
  const chunk = (data: Chunk): void => {
    signs++;
    sink?.takeIn(() => {
      try {
        decoder.push(data, deliver);
      } catch (error) {
        blame(error);
      }
    });
  };
  /** What the other end does wrong ends the connection, and nothing else. */
  const blame = (error: unknown): void => {
    if (!(error instanceof RxmpError)) throw error;
    end(error.message, error);
  };

  const read = (): void => {
    if (sink === undefined || reading || paused || ended !== undefined) return;
    reading = true;
    const mine = ++readings;
    if (begun !== undefined) {
      const data = begun;
      begun = undefined;
      chunk(data);
      // that may have stopped it, and begun again
      if (!reading || readings !== mine) return;
    }
    // not by the subscription: what waits already arrives before there is one
    duplex.incoming$.pipe(takeUntil(stop$)).subscribe({
      next: chunk,
      error: (error: unknown) => {
        end(error instanceof Error ? error.message : String(error));
      },
      complete: () => {
        if (reading) end(END_OF_FILE);
      },
    });
  };
  const stopReading = (): void => {
    if (!reading) return;
    reading = false;
    stop$.next();
  };

  return {
    ...agreement,
    node: agreement.peer.node,
    initiator,
    remoteAddress: duplex.remoteAddress,
    open(opened) {
      sink = opened;
      if (ended === undefined) read();
      else tellEnd();
    },
    pause() {
      paused = true;
      stopReading();
    },
    resume() {
      paused = false;
      read();
    },
    get isRead() {
      return reading;
    },
    send(portName, message) {
      if (ended !== undefined) return false;
      sent++;
      const below = outbox.push(portName, message);
      if (!below && writable$.value) writable$.next(false);
      return below;
    },
    flush() {
      if (ended === undefined) outbox.flush();
    },
    get signs() {
      return signs + (duplex.arrived ?? 0);
    },
    get sent() {
      return sent;
    },
    writable$: writable$.asObservable(),
    closed$: closed$.asObservable(),
    leave(within) {
      if (!stop(CLOSED_HERE)) return;
      sayGoodbye({
        ...{ duplex, outbox, clock: env.clock, within },
        done(unsent) {
          left$.next(unsent);
          left$.complete();
        },
      });
      tellAll(CLOSED_HERE, false);
    },
    left$: left$.asObservable(),
    close(reason) {
      end(reason, new Error(reason));
    },
  };
}
