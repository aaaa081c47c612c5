import type { Observable } from 'rxjs';
import type { Framing, Values } from '../wire/framing.js';
import type { Address } from './address.js';

/** What a duplex carries. Nobody changes the octets of a chunk after it was written or has arrived. */
export type Chunk = Uint8Array | string;

/**
 * A two-way stream of octets or text, as a transport makes it.
 *
 * A stream transport (TCP) gives `Uint8Array`s of any size. A transport with frames (WebSocket) gives each text frame as
 * one string and each binary frame as one `Uint8Array`.
 */
export interface Duplex {
  /**
   * What arrives, for one subscriber at a time. Subscribing starts the flow and nothing is lost before that.
   * Unsubscribing stops the flow, but does not close. Completes when the other end has finished, and this end then
   * finishes too; errors with a `TransportError` when the connection breaks or the other end aborts it.
   */
  readonly incoming$: Observable<Chunk>;
  /**
   * Sends; a stream transport sends text as UTF-8. False: it was taken, but the transport has enough for now, wait for
   * `drained$`. Does nothing once closed, and then returns true, since there is nothing to wait for.
   */
  write(chunk: Chunk): boolean;
  /** Emits when a transport that answered false takes more again. Completes with the connection. */
  readonly drained$: Observable<void>;
  /**
   * Ends the connection: without an error after what was written has left, with one at once, so that the other end sees
   * a broken connection. The end is final after this call; `incoming$` completes. A graceful close that the other end lets
   * hang becomes an abrupt one: after `within` ms, or, when that is not said, where nothing leaves for a while. Calling again
   * does nothing, but that `within` counts anew from then on.
   */
  close(error?: Error, within?: number): void;
  /**
   * Octets of what was written that this process still holds; after the end, what has never left. A transport for which
   * everything has left with `write` leaves it out.
   */
  readonly unsent?: number;
  /**
   * Octets that have arrived so far, for transports that give a frame only when it is whole: a frame may take long, and the
   * other end is alive all the while (S16).
   */
  readonly arrived?: number;
  /** Where the other end is, as `host:port` or whatever the transport has. */
  readonly remoteAddress: string;
  /** The page that has connected, as its browser says: `https://chat.example`. */
  readonly origin?: string | undefined;
  /**
   * The transport is encrypted already, as `wss://` is: no TLS of rxmp's own is put onto it, and it passes where TLS is required.
   */
  readonly secure?: boolean;
  /** When the other end has finished, its node is gone, also if that had no time for a goodbye: whoever carries the connection knows. */
  readonly endsNode?: boolean;
  /**
   * Breaks the connection off when more than so many octets arrive from now on; the result lifts that. For transports that
   * give a frame only when it is whole: nobody else could tell how large one grows.
   */
  limit?(octets: number): () => void;
  /**
   * Completes when, after the end, what was written has left and nothing is held any more, so that the process may exit. A
   * transport for which that is so right after `close` leaves it out.
   */
  readonly gone$?: Observable<never>;
  /** The same connection for values, by a framing of its own, for transports that carry those: used where both ends agree on that framing. */
  readonly values?: ValuesWay;
}

/** Messages go here as they are, and not as text or octets. */
export interface ValuesWay {
  readonly framing: Framing<Values>;
  readonly incoming$: Observable<Values>;
  write(values: Values): boolean;
}

/**
 * First `listening`, with the real address or addresses, then every `connection`. `listening` comes again when the addresses change: of a
 * server that somebody else makes listen there may be none at first.
 */
export type ListenEvent =
  | { readonly kind: 'listening'; readonly addresses: readonly string[] }
  /** `leave`: what the reception gave for it, if the transport has asked. */
  | { readonly kind: 'connection'; readonly duplex: Duplex; readonly leave?: (() => void) | undefined };

/** Somebody who has connected to a listener. */
export interface Visit {
  readonly remoteAddress: string;
  /** He is a proxy: whom he brings is not known yet, and nothing counts for his own address. */
  readonly isProxy?: boolean;
  /** What he has connected to: an object that stands for one listener. */
  readonly listener: object;
  /** The listener has more connections than it may hold: somebody has to go. */
  readonly isCrowded: boolean;
  /** Ends his connection at once: he has to make room for somebody else. */
  evict(): void;
}

/** What a node says to those who connect, for transports that ask. */
export interface Reception {
  /** How many connections one listener may hold, those that have authenticated too (`limits.connections`). */
  readonly connections: number;
  /**
   * Asked as soon as somebody connects: undefined refuses him; else it is what to call when his handshake is over, or when he
   * is gone before there is a connection. For whom a proxy brings it is asked again, when he is known.
   */
  enter(visit: Visit): (() => void) | undefined;
  /** A connection that was let in has ended before there was one to hand over, with what was wrong with it, for people. */
  failed(remoteAddress: string, reason: string): void;
  /** The listener could not accept a connection, for want of open files say; it goes on. */
  missed(error: Error): void;
}

/** A way for nodes to reach each other. */
export interface Transport {
  /** The address schemes it serves: `tcp`, `ws`, ... */
  readonly schemes: readonly string[];
  /**
   * Listens while subscribed; errors with a `TransportError` or `BadAddress` that names the bind when it can't, and completes when what it
   * listens on is closed by somebody else.
   * Connections that were made live on after unsubscribing. The connections of a transport that does not ask the reception are
   * let in, or not, when they are there.
   */
  listen(bind: Address, reception?: Reception): Observable<ListenEvent>;
  /**
   * Connects when subscribed: emits one duplex and completes, or errors with a `TransportError` that names the address.
   * Unsubscribing before that aborts.
   */
  connect(address: Address): Observable<Duplex>;
  /**
   * Looks an address up whose host is a name: emits all addresses that the name has now, none included, and completes, or errors
   * with a `TransportError` that names the host; unsubscribing aborts. Each `text` is a different one, and the same each time.
   * Undefined: the address is no name, so it is connected to as it is; so are all addresses of a transport that leaves this out.
   */
  resolve?(address: Address): Observable<readonly Address[]> | undefined;
}
