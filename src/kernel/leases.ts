import { whenReleased, type PortRecord, type Slot } from './core/port-record.js';
import type { Handler } from './core/handler.js';
import { handlerAt } from './core/receivers.js';
import type { Kernel } from './kernel.js';

/** What `rcv` has set together. */
interface Lease {
  readonly handlers: readonly (readonly [Slot, Handler | undefined])[];
  readonly off: () => void;
}

/** Handlers that a signal takes away again, as far as they still stand (A12). */
export function createLeases({ ports, onAbort }: Pick<Kernel, 'ports' | 'onAbort'>) {
  const leases = new WeakMap<PortRecord, Set<Lease>>();

  const leasesOf = (port: PortRecord): Set<Lease> => {
    const known = leases.get(port);
    if (known !== undefined) return known;
    const all = new Set<Lease>();
    leases.set(port, all);
    whenReleased(port, () => {
      for (const { off } of all) off();
    });
    return all;
  };

  return (port: PortRecord, given: readonly (readonly [Slot, Handler | undefined])[], signal: AbortSignal): void => {
    if (signal.aborted || port.reason !== undefined) return;
    // a function of its own: the same handler may be set again, and then it is not this one's to remove (S34)
    const handlers = given.map(([slot, handler]) => [slot, handler && own(handler)] as const);
    for (const [slot, handler] of handlers) ports.setHandler(port, slot, handler);
    const stands = ([slot, handler]: readonly [Slot, Handler | undefined]): boolean => handler !== undefined && handlerAt(port, slot) === handler;
    const all = leasesOf(port);
    for (const lease of all) {
      if (lease.handlers.some(stands)) continue;
      lease.off();
      all.delete(lease);
    }
    const lease: Lease = {
      handlers,
      off: onAbort(signal, () => {
        all.delete(lease);
        for (const [slot] of handlers.filter(stands)) ports.setHandler(port, slot, undefined);
      }),
    };
    all.add(lease);
  };
}

const own = (handler: Handler): Handler => (...args) => handler(...args);
