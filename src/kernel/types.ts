import type { LastSignal, SignalOptions } from '../env/signal.js';

/** A message: a tag, and what belongs to it. Declare the messages of a port as a union of tuples. */
export type Message = readonly [tag: unknown, ...args: unknown[]];

declare const accepts: unique symbol;

/**
 * The id of a port, `node id#port name`. It can be printed, sent and stored; any string with the right text is one. The
 * type remembers which messages the port takes.
 */
export type PortId<M extends Message = Message> = string & { readonly [accepts]: (message: M) => void };

/** A port, as an object of this node or as an id of any node. A node id alone means its node port. */
export type PortRef = string | { readonly id: string };

/** A port as an object, here or elsewhere. */
interface Identified<M extends Message> {
  readonly id: PortId<M>;
}

/** The messages that a port takes; any, if its type does not say. */
export type MessageOf<P> = P extends Identified<infer M> ? M : P extends PortId<infer M> ? M : Message;

/** The tags of a protocol. */
export type TagOf<M extends Message> = M[0];

type Untyped<M extends Message> = unknown extends M[0] ? true : false;

/** What belongs to a tag: the message without its first element. */
export type ArgsOf<M extends Message, T> =
  Untyped<M> extends true
    ? readonly unknown[]
    : M extends readonly [infer Tag, ...infer Args]
      ? T extends Tag
        ? Readonly<Args>
        : never
      : never;

/** A handler of whole messages; it gets their elements as arguments. May return a promise. */
export type DefaultHandler<M extends Message> = Untyped<M> extends true
  ? (...message: never[]) => unknown
  : (...message: M) => unknown;

/** A handler of one tag; it gets the message without the tag (S4). May return a promise. */
export type TagHandler<M extends Message, T> = Untyped<M> extends true
  ? (...args: never[]) => unknown
  : (...args: ArgsOf<M, T>) => unknown;

/** Handlers by tag; `undefined` removes one. */
export type Handlers<M extends Message> = Untyped<M> extends true
  ? Readonly<Record<string, ((...args: never[]) => unknown) | undefined>>
  : { readonly [T in TagOf<M> & string]?: TagHandler<M, T> | undefined };

type ReplyTo<R extends Message> = PortId<R> | Identified<R>;

/** What a caller gives: a message without its last element, the port that the answer goes to. */
export type CallArgs<M extends Message> =
  Untyped<M> extends true
    ? Message
    : M extends readonly [...infer Args, infer Last]
      ? Last extends PortRef
        ? Readonly<Args>
        : never
      : never;

/** What a caller gets. */
export type ReplyOf<M extends Message, T> =
  Untyped<M> extends true
    ? readonly unknown[]
    : M extends readonly [infer Tag, ...unknown[]]
      ? T extends Tag
        ? M extends readonly [...unknown[], infer Last]
          ? Last extends ReplyTo<infer R>
            ? R
            : never
          : never
        : never
      : never;

/** Options of a call, as its last argument: `timeout`, `signal` or both. */
export type CallOptions = CallTime & SignalOptions | Partial<CallTime> & LastSignal;

interface CallTime {
  /** How long to wait for the answer, ms; without it, as long as the port lives. */
  readonly timeout: number | undefined;
}
