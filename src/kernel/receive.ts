import { Observable, type Subscriber } from 'rxjs';
import type { AnyMessage, Reason } from './core/message.js';
import type { PortRecord, Slot } from './core/port-record.js';
import { portError } from './errors.js';
import type { Kernel } from './kernel.js';
import { reportable } from './unhandled.js';

/**
 * What a port receives, as a stream: completes when the port is killed normally, errors with `PortDied` otherwise (S15).
 * The stream of a tag is without the tag (S4).
 */
export function messages<T extends AnyMessage>(kernel: Kernel, record: PortRecord, slot: Slot): Observable<T> {
  return new Observable<T>((subscriber) => {
    const { reason } = record;
    if (reason !== undefined) {
      end(kernel, record.id, subscriber, reason);
      return undefined;
    }
    return kernel.ports.observe(record, slot, {
      next: (message) => {
        subscriber.next(message as T);
      },
      done: (why) => {
        end(kernel, record.id, subscriber, why);
      },
    });
  });
}

function end(kernel: Kernel, id: string, subscriber: Subscriber<never>, reason: Reason): void {
  if (reason.length === 0) subscriber.complete();
  else subscriber.error(reportable(portError(id, reason), kernel.env.log));
}
