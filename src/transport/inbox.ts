import { Observable, type Subscriber } from 'rxjs';
import type { Chunk } from './duplex.js';

/** What a transport does when its inbox is read. */
export interface InboxHooks<T> {
  /** True: somebody reads, let chunks come. False: nobody does. Not called any more once the inbox has ended. */
  readonly flow?: (on: boolean) => void;
  /** This chunk no longer waits: it was read, or dropped because nobody will. */
  readonly taken?: (chunk: T) => void;
  /** The reader has seen the end that came after the last chunk. */
  readonly ended?: () => void;
}

/** The receiving half of a duplex, or of another two-way stream. */
export interface Inbox<T> {
  readonly incoming$: Observable<T>;
  push(chunk: T): void;
  /** Completes or errors `incoming$` after everything that was pushed. The first end counts. */
  end(error?: Error): void;
  /** Completes or errors `incoming$` at once and drops what waits. */
  abort(error?: Error): void;
}

/** Holds what arrives while nobody reads, so that nothing is lost before the subscription or between two. */
export function createInbox<T = Chunk>(hooks: InboxHooks<T> = {}): Inbox<T> {
  const queue: T[] = [];
  // an index instead of shift(), which copies a long array each time
  let head = 0;
  let reader: Subscriber<T> | undefined;
  let ending: { readonly error: Error | undefined } | undefined;

  const finish = (error: Error | undefined): void => {
    if (error === undefined) reader?.complete();
    else reader?.error(error);
  };

  const pump = (): void => {
    while (reader !== undefined && head < queue.length) {
      const chunk = queue[head++] as T;
      hooks.taken?.(chunk);
      reader.next(chunk);
    }
    if (head < queue.length) return;
    queue.length = 0;
    head = 0;
    if (reader === undefined || ending === undefined) return;
    finish(ending.error);
    hooks.ended?.();
  };

  return {
    incoming$: new Observable((subscriber) => {
      if (reader !== undefined) {
        subscriber.error(new Error('incoming$ is being read already: it takes one subscriber at a time'));
        return undefined;
      }
      reader = subscriber;
      subscriber.add(() => {
        reader = undefined;
        if (ending === undefined) hooks.flow?.(false);
      });
      pump();
      if (!subscriber.closed) hooks.flow?.(true);
      return undefined;
    }),
    push(chunk) {
      if (ending !== undefined) {
        hooks.taken?.(chunk);
      } else if (reader !== undefined && head === queue.length) {
        hooks.taken?.(chunk);
        reader.next(chunk);
      } else {
        queue.push(chunk);
      }
    },
    end(error) {
      if (ending !== undefined) return;
      ending = { error };
      pump();
    },
    abort(error) {
      if (ending !== undefined && head === queue.length) return;
      ending = { error };
      for (const chunk of queue.splice(0).slice(head)) hooks.taken?.(chunk);
      head = 0;
      finish(error);
    },
  };
}
