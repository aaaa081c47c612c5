import { Observable, type Subscriber } from 'rxjs';
import type { Logger } from '../env/log.js';
import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord, Slot } from './core/port-record.js';
import { portError } from './errors.js';
import type { PortHome } from './local-port.js';
import { reportable } from './unhandled.js';

/**
 * What a port receives, as a stream: completes when the port is killed normally, errors with `PortDied` otherwise (S15).
 * The stream of a tag is without the tag (S4).
 */
export function messages<T extends AnyMessage>(home: Pick<PortHome, 'env' | 'ports'>, record: PortRecord, slot: Slot): Observable<T> {
  return new Observable<T>((subscriber) => {
    const { reason } = record;
    if (reason !== undefined) {
      end(home.env.log, record.id, subscriber, reason);
      return undefined;
    }
    return home.ports.observe(record, slot, {
      next: (message) => {
        subscriber.next(message as T);
      },
      done: (why) => {
        end(home.env.log, record.id, subscriber, why);
      },
    });
  });
}

function end(log: Logger, id: string, subscriber: Subscriber<never>, reason: Reason): void {
  if (reason.length === 0) subscriber.complete();
  else subscriber.error(reportable(portError(id, reason), log));
}
