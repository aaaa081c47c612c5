import { inject, type ResourceRef } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import type { CallArgs, Message, MessageOf, PortRef, ReplyOf, TagOf } from 'rxmp';
import { APP_NODE } from './app-node.js';

/** What to call, and when. */
export interface CallResourceOptions<P extends PortRef, A> {
  /** The port, or a function that gives it, such as a signal: undefined calls nobody. */
  readonly port: P | (() => P | undefined);
  /** The message; undefined calls nobody. It is sent anew whenever a signal in it has changed. */
  readonly params: () => A | undefined;
  /** How long to wait for the answer, ms; without it, as long as the port lives. */
  readonly timeout?: number | undefined;
}

/**
 * Calls a port, and gives the answer as a resource of Angular: `value`, `error` (`CallTimeout`, `PortDied`), `isLoading`, `reload()`. It calls
 * again when the message changes, or the port: then, and with its injector, a call that is under way ends, and its answer comes to nobody (A5).
 * On a server nobody is called.
 *
 * @example
 * ```ts
 * type Pricing = ['quote', item: string, reply: PortId<[price: number]>];
 *
 * class Quote {
 *   readonly item = input.required<string>();
 *   readonly pricing = input.required<PortId<Pricing>>();
 *   readonly quote = callResource({ port: () => this.pricing(), params: () => ['quote', this.item()], timeout: 2_000 });
 *   // {{ quote.value()?.[0] }}
 * }
 * ```
 */
export function callResource<P extends PortRef, const A extends CallArgs<MessageOf<P>>>(
  options: CallResourceOptions<P, A>,
): ResourceRef<ReplyOf<MessageOf<P>, A[0]> | undefined>;
/** For a port whose type does not say what it takes: `callResource<Pricing>({ ... })`. */
export function callResource<M extends Message = never>(options: CallResourceOptions<PortRef, CallArgs<M>>): ResourceRef<ReplyOf<M, TagOf<M>> | undefined>;
export function callResource({ port, params, timeout }: CallResourceOptions<PortRef, readonly unknown[]>): ResourceRef<readonly unknown[] | undefined> {
  const { streamOf, isServer } = inject(APP_NODE);
  return rxResource({
    params: () => {
      if (isServer) return undefined;
      const callee = typeof port === 'function' ? port() : port;
      const message = params();
      return callee === undefined || message === undefined ? undefined : { callee, message: message as Message };
    },
    stream: ({ params: { callee, message } }) => streamOf<readonly unknown[]>((node) => node.cal(callee, ...message, { timeout })),
  });
}
