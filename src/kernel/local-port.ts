import type { Observable, Observer, Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { Monitor, PortHooks, PortRecord, Receiver } from './core/port-record.js';
import type { Ports } from './core/ports.js';
import { observersOf } from './core/receivers.js';
import type { Lifted } from './owned.js';
import { Port, reasonOfError } from './port.js';
import { messages } from './receive.js';
import type { Message, PortId } from './types.js';

/** What a port needs of its node. */
export interface PortHome {
  readonly env: Env;
  readonly ports: Ports;
  snd(port: string, message: AnyMessage): boolean;
  kil(port: string, reason: Reason): void;
}

/** The record of a port of a node, living or dead; undefined for anything else. */
export let recordOf: (ports: Ports, port: unknown) => PortRecord | undefined;

/**
 * A port as users have it and as the kernel has it, in one object: two would take more memory than all else of a port, and
 * would have to find each other. Users see the type `Port` only.
 */
export class LocalPort<M extends Message = Message> extends Port<M> implements PortRecord {
  readonly id: PortId<M>;
  dying = false;
  reason: Reason | undefined = undefined;
  fallback: Receiver | undefined = undefined;
  tag: string | undefined = undefined;
  tagged: Receiver | undefined = undefined;
  tags: Map<unknown, Receiver> | undefined = undefined;
  monitors: Monitor | Set<Monitor> | undefined = undefined;
  hooks: PortHooks | undefined = undefined;
  readonly #home: PortHome;

  static {
    recordOf = (ports, port) => (port instanceof LocalPort && port.#home.ports === ports ? port : undefined);
  }

  constructor(home: PortHome, id: string) {
    super();
    this.id = id as PortId<M>;
    this.#home = home;
  }

  override next(message: Readonly<M>): void {
    this.#home.snd(this.id, message);
  }

  override error(reason: unknown): void {
    this.#home.kil(this.id, reasonOfError(reason));
  }

  override complete(): void {
    this.#home.kil(this.id, []);
  }

  override subscribe(
    observerOrNext?: Partial<Observer<M>> | ((value: M) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const stream = messages<M>(this.#home, this, 'default');
    if (typeof observerOrNext === 'object' && observerOrNext !== null) return stream.subscribe(observerOrNext);
    return stream.subscribe({
      ...(observerOrNext && { next: observerOrNext }),
      ...(error && { error }),
      ...(complete && { complete }),
    });
  }

  /** What is piped from a port receives its messages, as its subscribers do. */
  override lift<R>(operator: Lifted<R>): Observable<R> {
    return messages<M>(this.#home, this, 'default').piped(operator);
  }

  override get observed(): boolean {
    return observersOf(this.fallback).length > 0;
  }
}

/** The port that a record is: a node makes all of its records so. */
export function portOf<M extends Message>(record: PortRecord): Port<M> {
  if (record instanceof LocalPort) return record;
  throw new TypeError(`the record of ${record.id} was not made by a node`);
}
