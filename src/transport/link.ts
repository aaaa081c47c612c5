import { AsyncSubject, BehaviorSubject, Subscription, type Observable } from 'rxjs';
import type { Env } from '../env/env.js';
import { RxmpError } from '../wire/errors.js';
import { framings, type Deliver } from '../wire/framing.js';
import type { Duplex } from './duplex.js';
import type { Agreement } from './handshake.js';
import { createOutbox } from './outbox.js';

/** Where a link delivers. Nothing comes after `closed`. */
export interface LinkSink {
  message(portName: string, message: readonly unknown[]): void;
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
  /** Starts delivery; what arrived before is delivered first. */
  open(sink: LinkSink): void;
  /** Queues a message; false above the high-water mark. Throws for messages that can't be encoded or are too large. */
  send(portName: string, message: readonly unknown[]): boolean;
  /** Signs of life: what has arrived, chunks or octets, and writes that the other end has made room for. */
  readonly signs: number;
  /** Messages that were sent. */
  readonly sent: number;
  /** False while more waits than `limits.highWaterMark`; the current state first. */
  readonly writable$: Observable<boolean>;
  /** The end, once the connection is gone, also to those who ask later. */
  readonly closed$: Observable<LinkEnd>;
  /** Says goodbye: what was sent leaves, then the connection ends. With a reason: ends at once, as failed. */
  close(reason?: string): void;
}

/** How a link has ended. */
export interface LinkEnd {
  /** For people. */
  readonly reason: string;
  /** This end has broken off, because of what the other end did or did not do; otherwise somebody left, or was lost. */
  readonly fault: boolean;
}

/** What feeds a link from its duplex. */
export interface LinkInput {
  chunk(chunk: Uint8Array | string): void;
  end(reason: string): void;
}

/** The text that AnyEvent::MP gives for a connection that the other end closed. */
export const END_OF_FILE = 'Unexpected end-of-file';
const CLOSED_HERE = 'closed here';

/** Makes a link of a duplex whose handshake is done. */
export function createLink(
  duplex: Duplex,
  agreement: Agreement,
  initiator: boolean,
  env: Env,
): { link: Link; input: LinkInput } {
  const framing = framings.get(agreement.sendFraming);
  const decoder = framings.get(agreement.receiveFraming)?.decoder(env.limits);
  if (framing === undefined || decoder === undefined) {
    throw new TypeError(`no framing "${agreement.sendFraming}" or "${agreement.receiveFraming}"`);
  }
  let sink: LinkSink | undefined;
  let early: (Uint8Array | string)[] = [];
  let ended: string | undefined;
  /** The sink knows that the link has ended. */
  let told = false;
  let signs = 0;
  let sent = 0;
  const writable$ = new BehaviorSubject(true);
  const closed$ = new AsyncSubject<LinkEnd>();
  const subscriptions = new Subscription();

  const end = (reason: string, error?: Error): void => {
    if (ended !== undefined) return;
    ended = reason;
    subscriptions.unsubscribe();
    duplex.close(error);
    tellEnd();
    writable$.complete();
    closed$.next({ reason, fault: error !== undefined });
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
    if (told || typeof port !== 'string') return;
    try {
      sink?.message(port, message);
    } catch (error) {
      blame(error);
    }
  };
  const chunk = (data: Uint8Array | string): void => {
    if (ended !== undefined) return;
    signs++;
    if (sink === undefined) early.push(data);
    else decode(data);
  };
  const decode = (data: Uint8Array | string): void => {
    try {
      decoder.push(data, deliver);
    } catch (error) {
      blame(error);
    }
  };
  /** What the other end does wrong ends the connection, and nothing else. */
  const blame = (error: unknown): void => {
    if (!(error instanceof RxmpError)) throw error;
    end(error.message, error);
    tellEnd();
  };

  const link: Link = {
    ...agreement,
    node: agreement.peer.node,
    initiator,
    remoteAddress: duplex.remoteAddress,
    open(opened) {
      sink = opened;
      const chunks = early;
      early = [];
      // what the other end sent before it said goodbye counts, though the link has ended meanwhile
      for (const data of chunks) if (!told) decode(data);
      tellEnd();
    },
    send(portName, message) {
      if (ended !== undefined) return false;
      sent++;
      const below = outbox.push(portName, message);
      if (!below && writable$.value) writable$.next(false);
      return below;
    },
    get signs() {
      return signs + (duplex.arrived ?? 0);
    },
    get sent() {
      return sent;
    },
    writable$: writable$.asObservable(),
    closed$: closed$.asObservable(),
    close(reason) {
      if (ended !== undefined) return;
      if (reason === undefined) outbox.finish();
      early = [];
      end(reason ?? CLOSED_HERE, reason === undefined ? undefined : new Error(reason));
    },
  };
  return { link, input: { chunk, end } };
}
