import { reasonOf, signalOf, type SignalOptions } from '../env/signal.js';
import { checkTime } from '../env/time.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord } from './core/port-record.js';
import { CallTimeout, NodeClosed, portError } from './errors.js';
import type { Kernel } from './kernel.js';
import { pulled, type Taker } from './pulled.js';
import { createTaggedList, type Item } from './tagged-list.js';
import type { Message } from './types.js';

/** A tag, or a test of the elements of a message. */
export type Match<M extends Message> = string | ((...message: M) => boolean);

export interface ReceiveOptions extends SignalOptions {
  /** How long to wait, ms. Default: as long as the port lives. */
  readonly timeout?: number | undefined;
}

/**
 * The messages of a port, kept until somebody asks for them, in the way of Erlang and Coro::MP. It is the default
 * receiver of its port; tagged receivers still come first.
 *
 * @example
 * ```ts
 * const box = node.mailbox(node.port());
 * const [, answer] = await box.receive('answer', { timeout: 1000 });
 * for await (const message of box) console.log(message);
 * ```
 */
export interface Mailbox<M extends Message = Message> extends AsyncIterable<M> {
  /**
   * The first message, old or new, that matches; others stay. Rejects with `CallTimeout` after `timeout` ms and with
   * `PortDied` when the port dies, `NodeClosed` when its node is closed. Messages that had arrived by then can still be received.
   * What comes after `signal` was aborted stays for others.
   */
  receive(match?: Match<M>, options?: ReceiveOptions): Promise<M>;
  /** The first message of all; options may stand alone. */
  receive(options: ReceiveOptions): Promise<M>;
  /** How many messages wait. */
  readonly size: number;
  /** Gives the port back to other receivers and forgets what waits. */
  close(): void;
  [Symbol.dispose](): void;
  /**
   * Iterates over the messages as they come: ends when the port is killed normally, and throws `PortDied` when it died otherwise. To leave
   * the loop takes no message: what comes after that stays in the mailbox.
   */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>;
}

interface Waiter<M> {
  readonly matches: (message: M) => boolean;
  readonly resolve: (message: M) => void;
  readonly reject: (error: Error) => void;
}

/** Stand in place of a tag for those who take any message, and for those who test it. */
const ANY = Symbol('any');
const TEST = Symbol('test');

export function createMailbox<M extends Message>(kernel: Kernel, record: PortRecord, signal?: AbortSignal): Mailbox<M> {
  const { id } = record;
  const messages = createTaggedList<M>();
  /** By what they wait for: a tag, ANY or TEST. */
  const waiters = createTaggedList<Waiter<M>>();
  let { reason } = record;
  /** Why a signal has closed it. */
  let aborted: Error | undefined;
  /** Forgets the signal. */
  let off: (() => void) | undefined;

  /** The one that waits for the longest time, of those who want the message. */
  const waiterFor = (message: M): Item<Waiter<M>> | undefined => {
    let found = earlier(waiters.firstOf(ANY), typeof message[0] === 'string' ? waiters.firstOf(message[0]) : undefined);
    for (let item = waiters.firstOf(TEST); item !== undefined && item.order < (found?.order ?? Infinity); item = item.afterSame) {
      if (item.value.matches(message)) found = item;
    }
    return found;
  };
  const next = (given: AnyMessage): void => {
    const message = given as M;
    const waiter = waiters.size === 0 ? undefined : waiterFor(message);
    if (waiter === undefined) messages.add(message[0], message);
    else {
      waiters.remove(waiter);
      waiter.value.resolve(message);
    }
  };
  const failure = (why: Reason): Error => aborted ?? (kernel.closed ? new NodeClosed(kernel.id) : portError(id, why));
  const done = (why: Reason): void => {
    reason = why;
    off?.();
    // one may take back another
    for (let { first } = waiters; first !== undefined; { first } = waiters) {
      waiters.remove(first);
      first.value.reject(failure(why));
    }
  };
  const close = (): void => {
    detach?.();
    messages.clear();
    done(reason ?? []);
  };
  const abort = (by: AbortSignal): void => {
    aborted = reasonOf(by);
    close();
  };
  const detach = reason === undefined && signal?.aborted !== true ? kernel.ports.observe(record, 'default', { next, done }) : undefined;
  if (signal?.aborted === true) abort(signal);
  else if (signal !== undefined && detach !== undefined) off = kernel.onAbort(signal, () => { abort(signal); });

  const find = (match: Match<M> | undefined): Item<M> | undefined => {
    if (match === undefined) return messages.first;
    if (typeof match === 'string') return messages.firstOf(match);
    let { first: item } = messages;
    while (item !== undefined && !match(...item.value)) item = item.after;
    return item;
  };

  const receive: Mailbox<M>['receive'] = (given?: Match<M> | ReceiveOptions, more: ReceiveOptions = {}) => {
    const match = typeof given === 'object' ? undefined : given;
    const options = typeof given === 'object' ? given : more;
    const { timeout } = options;
    const by = signalOf(options);
    checkTime('timeout', timeout);
    if (by?.aborted === true) return rejected(reasonOf(by));
    const found = find(match);
    if (found !== undefined) {
      messages.remove(found);
      return Promise.resolve(found.value);
    }
    if (reason !== undefined) return rejected(failure(reason));
    const promise = new Promise<M>((resolve, reject) => { wait(match, { resolve, reject }, timeout, by); });
    promise.catch(nothing);
    return promise;
  };

  /** Waits until a message comes, the time is over, or the signal is aborted; the result takes the wish back. */
  const wait = (match: Match<M> | undefined, { resolve, reject }: Pick<Waiter<M>, 'resolve' | 'reject'>, timeout?: number, by?: AbortSignal): (() => void) => {
    let isOver = false;
    const takeBack = (): void => {
      if (isOver) return;
      waiters.remove(waiter);
      forget();
    };
    const giveUp = (why: Error): void => {
      takeBack();
      reject(why);
    };
    const cancel = timeout === undefined ? undefined : kernel.deadline(timeout, () => { giveUp(new CallTimeout(id, timeout)); });
    const unwatch = by && kernel.onAbort(by, () => { giveUp(reasonOf(by)); });
    const forget = (): void => {
      isOver = true;
      cancel?.();
      unwatch?.();
    };
    const waiter = waiters.add(match === undefined ? ANY : typeof match === 'string' ? match : TEST, {
      matches: (message) => typeof match === 'function' && match(...message),
      resolve(message) {
        forget();
        resolve(message);
      },
      reject(error) {
        forget();
        reject(error);
      },
    });
    return takeBack;
  };

  /** Asks for the next message of all, for a loop. */
  const ask = (taker: Taker<M>): (() => void) => {
    const { first } = messages;
    if (first !== undefined) {
      messages.remove(first);
      taker.value(first.value);
      return nothing;
    }
    const failed = (error: Error): void => {
      if (reason?.length === 0 && aborted === undefined) taker.done();
      else taker.error(error);
    };
    if (reason === undefined) return wait(undefined, { resolve: taker.value, reject: failed });
    failed(failure(reason));
    return nothing;
  };

  return {
    receive,
    get size() {
      return messages.size;
    },
    close,
    [Symbol.dispose]: close,
    [Symbol.asyncIterator]: () => pulled(ask, nothing),
  };
}

const nothing = (): void => undefined;

/** Who awaits it later still gets the rejection; until then it must not end the process (S15). */
function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(nothing);
  return promise;
}

function earlier<T>(a: Item<T> | undefined, b: Item<T> | undefined): Item<T> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.order < b.order ? a : b;
}
