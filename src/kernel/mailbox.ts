import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord } from './core/port-record.js';
import { CallTimeout, portError } from './errors.js';
import type { Kernel } from './kernel.js';
import type { Message } from './types.js';

/** A tag, or a test of the elements of a message. */
export type Match<M extends Message> = string | ((...message: M) => boolean);

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
   * `PortDied` when the port dies. Messages that had arrived by then can still be received.
   */
  receive(match?: Match<M>, options?: { readonly timeout?: number | undefined }): Promise<M>;
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

export function createMailbox<M extends Message>(kernel: Kernel, record: PortRecord): Mailbox<M> {
  const { id } = record;
  const { env } = kernel;
  const waiters = new Set<Waiter<M>>();
  let messages: M[] = [];
  let { reason } = record;

  const next = (message: AnyMessage): void => {
    for (const waiter of waiters) {
      if (!waiter.matches(message as M)) continue;
      waiters.delete(waiter);
      waiter.resolve(message as M);
      return;
    }
    messages.push(message as M);
  };
  const done = (why: Reason): void => {
    reason = why;
    const left = [...waiters];
    waiters.clear();
    for (const waiter of left) waiter.reject(portError(id, why));
  };
  const detach = reason === undefined ? kernel.ports.observe(record, 'default', { next, done }) : undefined;

  const receive = (match?: Match<M>, options: { readonly timeout?: number | undefined } = {}): Promise<M> => {
    const matches = matcher(match);
    const index = messages.findIndex(matches);
    const found = messages[index];
    if (found !== undefined) {
      messages.splice(index, 1);
      return Promise.resolve(found);
    }
    const promise = reason === undefined ? wait(matches, options.timeout) : Promise.reject(portError(id, reason));
    // who awaits it later still gets the rejection; until then it must not end the process (S15)
    promise.catch(() => undefined);
    return promise;
  };

  const wait = (matches: Waiter<M>['matches'], timeout: number | undefined): Promise<M> =>
    new Promise((resolve, reject) => {
      const cancel =
        timeout === undefined
          ? undefined
          : env.clock.after(timeout, () => {
              waiters.delete(waiter);
              reject(new CallTimeout(id, timeout));
            });
      const waiter: Waiter<M> = {
        matches,
        resolve: (message) => {
          cancel?.();
          resolve(message);
        },
        reject: (error) => {
          cancel?.();
          reject(error);
        },
      };
      waiters.add(waiter);
    });

  return {
    receive,
    get size() {
      return messages.length;
    },
    close() {
      detach?.();
      messages = [];
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

function matcher<M extends Message>(match: Match<M> | undefined): (message: M) => boolean {
  if (match === undefined) return () => true;
  return typeof match === 'string' ? (message) => message[0] === match : (message) => match(...message);
}
