import { computed, inject, linkedSignal, type Signal } from '@angular/core';
import { defer, throwError, type Observable } from 'rxjs';
import { portError, type CallArgs, type Message, type PortId, type ReplyOf } from 'rxmp';
import { APP_NODE } from './app-node.js';
import { injectFamily } from './family.js';
import type { ServiceMessage, ServiceName } from './families.js';

/** A port that is registered in a family; undefined while there is none. */
export interface ServiceSignal<M extends Message> extends Signal<PortId<M> | undefined> {
  /**
   * Sends to the port that is there now. False: there is none, or too much is waiting for it, as of `snd`.
   */
  snd(...message: M): boolean;
  /** Calls the port that is there when it is subscribed. Gives the answer, or errors with `PortDied`, also when there is no port (`no_such_port`). */
  cal<const A extends CallArgs<M>>(...message: A): Observable<ReplyOf<M, A[0]>>;
}

/**
 * A port that somebody has registered in a family (`dbReg`), for as long as it is there: then another one that is. So a server that was started
 * again is found by itself.
 *
 * @example
 * ```ts
 * class Cart {
 *   readonly pricing = injectService('pricing'); // its type is that of `Services`; else say it: injectService<Pricing>('pricing')
 *   readonly quote = callResource({ port: this.pricing, params: () => ['quote', 'tea'] });
 *   order() {
 *     this.pricing.snd('order', 'tea');
 *   }
 * }
 * ```
 */
export function injectService<S extends ServiceName>(family: S): ServiceSignal<ServiceMessage<S>>;
export function injectService<M extends Message = Message>(family: string): ServiceSignal<M>;
export function injectService(family: string): ServiceSignal<Message> {
  const { node } = inject(APP_NODE);
  const ports = injectFamily(family);
  // one that is there is kept, whoever else comes
  const port = linkedSignal<ReadonlyMap<string, unknown>, string | undefined>({
    source: ports,
    computation: (all, last) => (last?.value !== undefined && all.has(last.value) ? last.value : all.keys().next().value),
  });
  const service = computed(() => port() as PortId | undefined);
  return Object.assign(service, {
    snd(...message: Message): boolean {
      const to = service();
      return to !== undefined && (node()?.snd(to, ...message) ?? false);
    },
    cal: (...message: Message) => defer(() => {
      const [owner, to] = [node(), service()];
      return owner === undefined || to === undefined ? throwError(() => portError(family, ['no_such_port'])) : owner.cal(to, ...message);
    }),
  } as Omit<ServiceSignal<Message>, never>);
}
