import { Subject, type Observer, type Subscription } from 'rxjs';
import type { Reason } from './core/message.js';
import { dieReason, toReason } from './core/message.js';
import type { PortRecord } from './core/port-record.js';
import type { Kernel } from './kernel.js';
import { messages } from './receive.js';
import type { Message, PortId } from './types.js';

/** The kernel's record of a port object, living or dead; undefined for anything else. */
export let recordOf: (kernel: Kernel, port: unknown) => PortRecord | undefined;

/**
 * A port of this node, as an RxJS Subject: `next(message)` sends to it, `complete()` kills it normally, `error(reason)`
 * abnormally, and a subscriber is its default receiver. Unlike with other Subjects these act as messages do: in order,
 * and a kill later than the call (S7, S8). In messages a port travels as its id.
 *
 * @example
 * ```ts
 * const port = node.port<['say', string]>();
 * port.subscribe(([, text]) => console.log(text));
 * node.snd(port, 'say', 'hello');
 * ```
 */
export class Port<M extends Message = Message> extends Subject<M> {
  readonly #kernel: Kernel;
  readonly #record: PortRecord;

  static {
    recordOf = (kernel, port) => (port instanceof Port && port.#kernel === kernel ? port.#record : undefined);
  }

  /** Ports are made by `node.port()` and `node.spawn()`. */
  constructor(kernel: Kernel, record: PortRecord) {
    super();
    this.#kernel = kernel;
    this.#record = record;
  }

  get id(): PortId<M> {
    return this.#record.id as PortId<M>;
  }

  /** Sends a message to this port. */
  override next(message: Readonly<M>): void {
    this.#kernel.snd(this.#record.id, message);
  }

  /** Kills the port with a reason: an array, or one value that becomes `['error', value]`. */
  override error(reason: unknown): void {
    this.#kernel.kil(this.#record.id, reasonOfError(reason));
  }

  /** Kills the port normally. */
  override complete(): void {
    this.#kernel.kil(this.#record.id, []);
  }

  /** A port can't lose its subscribers and live: the same as `complete()`. */
  override unsubscribe(): void {
    this.complete();
  }

  override subscribe(
    observerOrNext?: Partial<Observer<M>> | ((value: M) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const stream = messages<M>(this.#kernel, this.#record, 'default');
    if (typeof observerOrNext === 'object' && observerOrNext !== null) return stream.subscribe(observerOrNext);
    return stream.subscribe({
      ...(observerOrNext && { next: observerOrNext }),
      ...(error && { error }),
      ...(complete && { complete }),
    });
  }

  override get observed(): boolean {
    return (this.#record.fallback?.observers.length ?? 0) > 0;
  }

  override toString(): string {
    return this.#record.id;
  }

  toJSON(): string {
    return this.#record.id;
  }

  /** What `console.log` shows in Node.js. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Port ${this.#record.id}`;
  }
}

/** The port object of a record; there is one at most. */
export function faceOf<M extends Message>(kernel: Kernel, record: PortRecord): Port<M> {
  return (record.face ??= new Port<M>(kernel, record)) as Port<M>;
}

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
function reasonOfError(error: unknown): Reason {
  if (Array.isArray(error)) return toReason(error as unknown[]);
  return error instanceof Error ? dieReason(error) : toReason(['error', error]);
}
