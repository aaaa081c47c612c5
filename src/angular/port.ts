import { ErrorHandler, inject, signal, type Signal } from '@angular/core';
import { Observable } from 'rxjs';
import { portError, type Handlers, type Message, type Port } from 'rxmp';
import { follow } from './app-node.js';

/**
 * A port that lives as long as its component: what is sent to it goes to the handlers, and with the component it dies, so that whoever
 * monitors it knows (A5). Undefined until the node is there, on a server, and once it is dead: a message that no handler takes, or a handler that
 * throws, kills it, and Angular's `ErrorHandler` is told.
 *
 * @example
 * ```ts
 * type News = ['news', text: string];
 *
 * class Ticker {
 *   readonly lines = signal<readonly string[]>([]);
 *   readonly me = injectPort<News>({ news: (text) => this.lines.update((all) => [...all, text]) });
 * }
 * ```
 */
export function injectPort<M extends Message = Message>(handlers: Handlers<M>): Signal<Port<M> | undefined> {
  const errors = inject(ErrorHandler);
  const port = signal<Port<M> | undefined>(undefined);
  follow((node) => new Observable<never>(() => {
    const made = node.port<M>();
    void node.rcv(made.id as string, handlers as Handlers<Message>);
    port.set(made);
    const monitor = node.mon(made).subscribe((reason) => {
      port.set(undefined);
      if (reason.length > 0) errors.handleError(portError(made.id, reason));
    });
    return () => {
      monitor.unsubscribe();
      port.set(undefined);
      made.complete();
    };
  }));
  return port.asReadonly();
}
