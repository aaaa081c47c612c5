import type { Observable, Observer, Unsubscribable } from 'rxjs';
import type { LastSignal, SignalOptions } from '../env/signal.js';
import type { Reason } from './core/message.js';
import type { Guard } from './guard.js';
import type { Mailbox } from './mailbox.js';
import type { Port } from './port.js';
import type { Schemas } from './schema.js';
import type {
  ArgsOf,
  CallArgs,
  CallOptions,
  DefaultHandler,
  Handlers,
  Message,
  MessageOf,
  PortId,
  PortRef,
  ReplyOf,
  TagOf,
} from './types.js';

/** Any port as the end of a pipeline: `source$.subscribe(node.ref(id))`. */
export type RemotePort<M extends Message> = Observer<Readonly<M>> & { readonly id: PortId<M> };

/** The functions of a node that work with ports; all are bound, so they can be taken out of it. */
export interface PortFunctions {
  /**
   * Makes a port. Until it has a receiver, a message kills it (S3). `schemas` check what arrives: see {@link Schemas}. `signal` kills it normally.
   *
   * @example
   * ```ts
   * const adder = node.rcv(node.port(), { add: (a: number, b: number, reply: string) => node.snd(reply, a + b) });
   * ```
   */
  port<M extends Message = Message>(
    handler?: DefaultHandler<M>,
    options?: { readonly schemas?: Schemas<M> } & SignalOptions,
  ): Port<M>;

  /** A port anywhere as an Observer: `next` sends, `complete` kills normally, `error` with the error as the reason. */
  ref<M extends Message = Message>(port: PortId<M> | PortRef): RemotePort<M>;

  /**
   * Sends a message. False when what waits for that node is above `limits.highWaterMark`: it is sent all the same, but
   * more should wait for `writable$` of the connection. Throws for what can't be sent: a TypeError or `MessageTooLarge`.
   * Before the node is connected its framing is not known: what only CBOR carries may then still fail, and with it the new
   * connection, so that monitors tell.
   */
  snd<P extends PortRef>(port: P, ...message: MessageOf<P>): boolean;

  /** The messages that no tagged receiver takes; the default receiver, while subscribed. Throws `NotLocal`. */
  rcv<P extends PortRef>(port: P, options?: LastSignal): Observable<MessageOf<P>>;
  /** The messages with a tag, without it (S4). Throws `NotLocal`. */
  rcv<P extends PortRef, T extends TagOf<MessageOf<P>> & string>(port: P, tag: T, options?: SignalOptions): Observable<ArgsOf<MessageOf<P>, T>>;
  /** Sets the default handler, which gets the elements of a message as arguments; `signal` removes it. Throws `NotLocal`. */
  rcv<P extends PortRef>(port: P, handler: DefaultHandler<MessageOf<P>>, options?: SignalOptions): Port<MessageOf<P>>;
  /** Sets one handler per tag, in place of an earlier one; `undefined` removes it, `signal` those that still stand. Throws `NotLocal`. */
  rcv<P extends PortRef>(port: P, handlers: Handlers<MessageOf<P>>, options?: SignalOptions): Port<MessageOf<P>>;

  /** Kills a port: without a reason normally. It dies later, after what was sent to it before (S8). */
  kil(port: PortRef, ...reason: Reason): void;

  /** Why a port died: cold, one value, never an error; none if this node is closed first. A lost node is a reason (S13). */
  mon(port: PortRef, options?: LastSignal): Observable<Reason>;
  /** Calls back once, with the elements of the reason; none for a normal kill. */
  mon(port: PortRef, callback: (...reason: Reason) => void, options?: SignalOptions): Guard;
  /** The same with the elements apart: TypeScript does not take a function of two for one of a whole reason. */
  mon(port: PortRef, callback: (kind?: string, ...details: readonly unknown[]) => void, options?: SignalOptions): Guard;
  /** Links: when `port` dies abnormally, `target` is killed with the same reason (S12). Throws TypeError without a target. */
  mon(port: PortRef, target: PortRef | undefined, options?: LastSignal): Guard;
  /** Sends the message with the reason at its end to `target` when `port` dies. A last element whose only key is `signal` is options. */
  mon(port: PortRef, target: PortRef, ...message: Message): Guard;

  /** Kills the current port (`self`) when `port` dies abnormally. Throws a TypeError outside of a port's code. */
  link(port: PortRef, options?: SignalOptions): Guard;

  /** Unsubscribes, or calls, what is given when the port dies, whatever the reason. Options are a last argument. */
  monGuard(port: PortRef, ...guarded: readonly (Unsubscribable | (() => void) | LastSignal)[]): Guard;

  /**
   * Makes a port on a node, where the function registered as `init` runs with the port and `data`. The id can be used at
   * once: what is sent arrives after `init` has run. Where there is no such function the port dies of `spawn_refused` (S20).
   */
  spawn<M extends Message = Message>(node: PortRef, init: string, ...data: readonly unknown[]): PortId<M>;

  /** Makes a function known by name to `spawn` and `sndToFunc`, until unsubscribed. */
  register<M extends Message = Message>(name: string, code: (self: Port<M>, ...data: never[]) => unknown, options?: SignalOptions): Guard;

  /**
   * Calls a port: sends the message with a reply port at its end, when subscribed. Gives the one reply, or errors with
   * `PortDied` or, after `timeout` ms, `CallTimeout`, or the reason of `signal`. Options are a last argument with no other keys than these two.
   *
   * @example
   * ```ts
   * const [sum] = await firstValueFrom(node.cal(adder, 'add', 2, 3, { timeout: 1000 }));
   * ```
   */
  cal<P extends PortRef, const A extends CallArgs<MessageOf<P>>>(
    port: P,
    ...message: A
  ): Observable<ReplyOf<MessageOf<P>, A[0]>>;
  /** The same with options. */
  cal<P extends PortRef, const A extends CallArgs<MessageOf<P>>>(
    port: P,
    ...messageAndOptions: readonly [...A, CallOptions]
  ): Observable<ReplyOf<MessageOf<P>, A[0]>>;

  /** Sends a message in `ms` milliseconds. */
  after<P extends PortRef>(ms: number, port: P, ...message: MessageOf<P>): Guard;
  /** The same with options. */
  after<P extends PortRef>(ms: number, port: P, ...messageAndOptions: readonly [...MessageOf<P>, LastSignal]): Guard;
  /** Calls a function in `ms` milliseconds; inside a port's code, wrap it in `psub`. */
  after(ms: number, callback: () => void, options?: SignalOptions): Guard;

  /** A function that runs as code of the current port whenever it is called: with `self`, and exceptions kill the port. */
  psub<A extends readonly unknown[], R>(code: (...args: A) => R): (...args: A) => R | undefined;

  /** Runs a function as code of a port of this node: with `self`, and exceptions kill the port. */
  peval<A extends readonly unknown[], R>(port: PortRef, code: (...args: A) => R, ...args: A): R | undefined;

  /** The messages of a port, kept until received. `signal` closes the mailbox. */
  mailbox<P extends PortRef>(port: P, options?: SignalOptions): Mailbox<MessageOf<P>>;

  /** Has another node send a message: what it sends arrives, or is lost, with everything else from there. */
  sndOn<P extends PortRef>(node: PortRef, port: P, ...message: MessageOf<P>): boolean;

  /** Calls a function that is registered at a node; a name without `::` stands in `main::`. */
  sndToFunc(node: PortRef, name: string, ...args: readonly unknown[]): boolean;

  /** The node id in a port id. */
  nodeOf(port: PortRef): string;

  /** Whether a port, or a node id, is of this node. */
  isLocal(port: PortRef): boolean;
}
