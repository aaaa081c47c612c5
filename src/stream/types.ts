/** How what is written to a stream travels: by a connection of its own, through the connection between the two nodes, or not at all, since both ends are of one node. */
export type StreamWay = 'direct' | 'channel' | 'local';

/**
 * A stream between two ports, as two Web Streams, one for each direction: what is written to `writable` here is read from `readable`
 * there. A chunk belongs to the stream once it was written. Each direction ends by itself: by `close`, which resolves when all has arrived over
 * there; by `abort` or `cancel`, whose reason is that of a `StreamAborted` at the other end. When the other end's port or node dies, both fail with `PortDied` (V14).
 */
export interface PortStream<T = Uint8Array> {
  readonly readable: ReadableStream<T>;
  readonly writable: WritableStream<T>;
  /** Resolves when the other end has accepted it, with how it travels; rejects with why it could not be opened. */
  readonly opened: Promise<StreamWay>;
}

/** A stream that somebody has opened to a port. */
export interface IncomingStream<T = Uint8Array> {
  /** What came with it. */
  readonly args: readonly unknown[];
  readonly stream: PortStream<T>;
  /** The id of the node at the other end. */
  readonly from: string;
}

/** Options of `openStream`, as its last argument. */
export interface StreamOptions {
  /** Gives the stream up, both directions, when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** True: it carries values, as messages do, in place of octets. Both ends see that. */
  readonly values?: boolean | undefined;
}
