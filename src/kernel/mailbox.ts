import { checkTime } from '../env/time.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord } from './core/port-record.js';
import { CallTimeout, NodeClosed, portError } from './errors.js';
import type { Kernel } from './kernel.js';
import { createTaggedList, type Item } from './tagged-list.js';
import type { Message } from './types.js';

/** A tag, or a test of the elements of a message. */
export type Match<M extends Message> = string | ((...message: M) => boolean);

export interface ReceiveOptions {
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
   */
  receive(match?: Match<M>, options?: ReceiveOptions): Promise<M>;
  /** The first message of all; options may stand alone. */
  receive(options: ReceiveOptions): Promise<M>;
  /** How many messages wait. */
  readonly size: number;
  /** Gives the port back to other receivers and forgets what waits. */
  close(): void;
}

interface Waiter<M> {
  readonly matches: (message: M) => boolean;
  readonly resolve: (message: M) => void;
  readonly reject: (error: Error) => void;
}

/** Stand in place of a tag for those who take any message, and for those who test it. */
const ANY = Symbol('any');
const TEST = Symbol('test');

export function createMailbox<M extends Message>(kernel: Kernel, record: PortRecord): Mailbox<M> {
  const { id } = record;
  const messages = createTaggedList<M>();
  /** By what they wait for: a tag, ANY or TEST. */
  const waiters = createTaggedList<Waiter<M>>();
  let { reason } = record;

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
  const failure = (why: Reason): Error => (kernel.closed ? new NodeClosed(kernel.id) : portError(id, why));
  const done = (why: Reason): void => {
    reason = why;
    for (const waiter of waiters.clear()) waiter.reject(failure(why));
  };
  const detach = reason === undefined ? kernel.ports.observe(record, 'default', { next, done }) : undefined;

  const find = (match: Match<M> | undefined): Item<M> | undefined => {
    if (match === undefined) return messages.first;
    if (typeof match === 'string') return messages.firstOf(match);
    let { first: item } = messages;
    while (item !== undefined && !match(...item.value)) item = item.after;
    return item;
  };

  const receive: Mailbox<M>['receive'] = (given?: Match<M> | ReceiveOptions, more: ReceiveOptions = {}) => {
    const match = typeof given === 'object' ? undefined : given;
    const { timeout } = typeof given === 'object' ? given : more;
    checkTime('timeout', timeout);
    const found = find(match);
    if (found !== undefined) {
      messages.remove(found);
      return Promise.resolve(found.value);
    }
    const promise = reason === undefined ? wait(match, timeout) : Promise.reject(failure(reason));
    // who awaits it later still gets the rejection; until then it must not end the process (S15)
    promise.catch(() => undefined);
    return promise;
  };

  const wait = (match: Match<M> | undefined, timeout: number | undefined): Promise<M> =>
    new Promise((resolve, reject) => {
      const cancel =
        timeout === undefined
          ? undefined
          : kernel.deadline(timeout, () => {
              waiters.remove(waiter);
              reject(new CallTimeout(id, timeout));
            });
      const waiter = waiters.add(match === undefined ? ANY : typeof match === 'string' ? match : TEST, {
        matches: (message) => typeof match === 'function' && match(...message),
        resolve(message) {
          cancel?.();
          resolve(message);
        },
        reject(error) {
          cancel?.();
          reject(error);
        },
      });
    });

  return {
    receive,
    get size() {
      return messages.size;
    },
    close() {
      detach?.();
      messages.clear();
      done(reason ?? []);
    },
    /** Ends when the port is killed normally; throws `PortDied` when it died otherwise. */
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const message = await receive().catch((error: unknown) => {
          if (reason?.length === 0) return undefined;
          throw error;
        });
        if (message === undefined) return;
        yield message;
      }
    },
  };
}

function earlier<T>(a: Item<T> | undefined, b: Item<T> | undefined): Item<T> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.order < b.order ? a : b;
}
