import { Observable, type Subscriber } from 'rxjs';
import type { Logger } from '../env/log.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord, Slot } from './core/port-record.js';
import { Forbidden, PortDied, portError } from './errors.js';
import type { PortHome } from './local-port.js';
import { owned, type OwnedObservable } from './owned.js';
import { logged, reportable } from './unhandled.js';

/**
 * What a port receives, as a stream: completes when the port is killed normally, errors with `PortDied` otherwise (S15).
 * The stream of a tag is without the tag (S4).
 */
export function messages<T extends AnyMessage>(home: Pick<PortHome, 'env' | 'ports'>, record: PortRecord, slot: Slot, signal?: AbortSignal): OwnedObservable<T> {
  const { log } = home.env;
  const stream$ = new Observable<T>((subscriber) => {
    const { reason } = record;
    if (reason !== undefined) {
      end(log, record.id, subscriber, reason);
      return undefined;
    }
    return home.ports.observe(record, slot, {
      next: (message) => {
        subscriber.next(message as T);
      },
      done: (why) => {
        end(log, record.id, subscriber, why);
      },
    });
  });
  const failed = logged(log, record.id);
  // who receives the messages of a port is its code, and what it throws kills the port, as in a handler (S5, S36)
  return owned(stream$, (error) => {
    if (error instanceof PortDied || error instanceof Forbidden) failed(error);
    else home.ports.fail(record, error);
  }, signal);
}

function end(log: Logger, id: string, subscriber: Subscriber<never>, reason: Reason): void {
  if (reason.length === 0) subscriber.complete();
  else subscriber.error(reportable(portError(id, reason), log));
}
