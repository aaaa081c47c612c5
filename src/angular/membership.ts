import { effect, ErrorHandler, inject, signal, untracked, type Signal } from '@angular/core';
import { Observable, type Subscription, type TeardownLogic } from 'rxjs';
import type { MpNode, PortRef } from 'rxmp';
import { whileUp } from 'rxmp/operators';
import { APP_NODE } from './app-node.js';

/**
 * Joins a port: a room, a topic, a feed. Runs `join` when the port is there, and again each time after the way to it was lost and is back: a
 * connection that broke, a page that slept, a server that was started again (V12a). It follows the port, and ends with the component (A5).
 *
 * @param port The port, or a function that gives it, such as a signal: undefined joins nothing.
 * @param join May give what ends what it has begun: a guard, or a function. It is called when the port is lost, and with the component.
 * @returns Whether it is joined now. What `join` throws is told to Angular's `ErrorHandler`.
 *
 * @example
 * ```ts
 * class Chat {
 *   readonly room = injectService<Room>('rooms');
 *   readonly me = injectPort<News>({ news: (text) => this.lines.update((all) => [...all, text]) });
 *   readonly joined = membership(this.room, (room, node) => void node.snd(room, 'join', this.me()!.id));
 * }
 * ```
 */
export function membership<P extends PortRef>(port: P | (() => P | undefined), join: (port: P, node: MpNode) => TeardownLogic): Signal<boolean> {
  const { node, outside } = inject(APP_NODE);
  const errors = inject(ErrorHandler);
  const isJoined = signal(false);
  const member = (owner: MpNode, target: P): Subscription =>
    whileUp(
      owner,
      target,
      () => new Observable<never>((subscriber) => {
        subscriber.add(join(target, owner));
        isJoined.set(true);
        subscriber.add(() => { isJoined.set(false); });
      }),
      { onDeath: 'complete' },
    ).subscribe({ error: (error: unknown) => { errors.handleError(error); } });

  effect((onCleanup) => {
    const owner = node();
    const target = typeof port === 'function' ? port() : port;
    if (owner === undefined || target === undefined) return;
    const subscription = untracked(() => outside(() => member(owner, target)));
    onCleanup(() => { outside(() => { subscription.unsubscribe(); }); });
  });
  return isJoined.asReadonly();
}
