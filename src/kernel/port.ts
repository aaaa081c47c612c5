import { Subject, type Observer } from 'rxjs';
import { dieReason, toReason, type Reason } from './core/message.js';
import type { Kernel } from './kernel.js';
import type { Message, PortId } from './types.js';

/**
 * A Subject by its methods, without the fields that Subject's own constructor makes: a port keeps its receivers elsewhere,
 * and six fields and a list would be a third of its memory.
 */
const BareSubject = Object.assign(function () {}, { prototype: Subject.prototype }) as unknown as typeof Subject;

/**
 * A port of this node, as an RxJS Subject: `next(message)` sends to it, `complete()` kills it normally, `error(reason)`
 * abnormally, and a subscriber is its default receiver. Unlike with other Subjects these act as messages do: in order,
 * and a kill later than the call (S7, S8). In messages a port travels as its id. Ports are made by `node.port()` and
 * `node.spawn()`.
 *
 * @example
 * ```ts
 * const port = node.port<['say', string]>();
 * port.subscribe(([, text]) => console.log(text));
 * node.snd(port, 'say', 'hello');
 * ```
 */
export abstract class Port<M extends Message = Message> extends BareSubject<M> {
  abstract readonly id: PortId<M>;

  /** Sends a message to this port. */
  abstract override next(message: Readonly<M>): void;

  /** Kills the port with a reason: an array, or one value that becomes `['error', value]`. */
  abstract override error(reason: unknown): void;

  /** Kills the port normally. */
  abstract override complete(): void;

  /** A port can't lose its subscribers and live: the same as `complete()`. */
  override unsubscribe(): void {
    this.complete();
  }

  override toString(): string {
    return this.id;
  }

  toJSON(): string {
    return this.id;
  }

  /** What `console.log` shows in Node.js. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Port ${this.id}`;
  }
}

// what other Subjects have as fields, for those who look at them
void Object.assign(Port.prototype, { closed: false, isStopped: false, hasError: false, thrownError: null, currentObservers: null, observers: Object.freeze([]) });

/** Any port, here or elsewhere, as an Observer: the end of a pipeline. */
export function observerOf<M extends Message>(kernel: Kernel, id: string): Observer<Readonly<M>> & { readonly id: PortId<M> } {
  return {
    id: id as PortId<M>,
    next: (message) => void kernel.snd(id, message),
    error: (reason) => {
      kernel.kil(id, reasonOfError(reason));
    },
    complete: () => {
      kernel.kil(id, []);
    },
  };
}

/** A pipeline that fails into a port kills it with what went wrong. */
export function reasonOfError(error: unknown): Reason {
  if (Array.isArray(error)) return toReason(error as unknown[]);
  return error instanceof Error ? dieReason(error) : toReason(['error', error]);
}
