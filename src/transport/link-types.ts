import type { Observable } from 'rxjs';
import type { Duplex } from './duplex.js';
import type { Agreement } from './handshake.js';

/** Where a link delivers. Nothing comes after `closed`. */
export interface LinkSink {
  message(portName: string, message: readonly unknown[]): void;
  /** Runs what calls `message` for all that one chunk brings. */
  takeIn(decode: () => void): void;
  /** The connection is gone; `reason` is for people. */
  closed(reason: string): void;
}

/**
 * Whether a link has a connection. Without one it waits until there is another (V9): what is sent waits too, and nobody hears of it.
 */
export type LinkStatus =
  | { readonly status: 'up' }
  | {
      readonly status: 'suspended';
      /** What has happened to the connection, for people. */
      readonly reason: string;
      /** Monotonic times, ms: of the break, of the end of the link if nothing happens, and of the next attempt, when this end makes it. */
      readonly since: number;
      readonly until: number;
      readonly nextTry: number | undefined;
    };

/** An authenticated connection to another node that carries messages; with a `resumption`, one connection after the other. */
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
  /** False before `open`, while paused or suspended, and after the end: then no sign of life can come. */
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
  readonly status: LinkStatus;
  /** The current status first; completes with the link. Emits in the middle of what changes it. */
  readonly status$: Observable<LinkStatus>;
  /** The end, once the link is gone, also to those who ask later. */
  readonly closed$: Observable<LinkEnd>;
  /** Says goodbye: ends for this node, and for the other one when what was sent has left, or after `within` ms. */
  leave(within: number): void;
  /** The same where nothing can wait: all that was sent is written now, whatever waits to leave already. */
  leaveNow(): void;
  /** After `leave` how many octets have not left, once nothing is held any more; after any other end nothing. Also to those who ask later. */
  readonly left$: Observable<number>;
  /** Ends at once, as failed. */
  close(reason: string): void;
  /** The connection is as good as gone: suspends the link where both ends have agreed on that, and closes it otherwise. */
  interrupt(reason: string): void;
  /** Messages that have arrived over all connections, for the other end to know (V10). */
  readonly taken: number;
  /** Tells the other end what has arrived, if it does not know yet (V11). */
  acknowledge(): boolean;
  /** While suspended: when there will be an attempt to connect again. */
  retryAt(time: number): void;
  /** Goes on over another connection; the other end has taken so many messages. False: the link is gone. */
  resumeOver(established: Established, taken: number): boolean;
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
