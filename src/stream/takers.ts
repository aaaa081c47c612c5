import { Observable, takeUntil, type Subscriber } from 'rxjs';
import { Forbidden, PortDied, portError } from '../kernel/errors.js';
import type { PortRecord } from '../kernel/core/port-record.js';
import type { Kernel } from '../kernel/kernel.js';
import { owned } from '../kernel/owned.js';
import { logged, reportable } from '../kernel/unhandled.js';
import { shown } from '../wire/printable.js';
import { makePortId } from '../wire/portid.js';
import type { IncomingStream } from './types.js';

/** Who takes a stream. */
export interface Taker {
  /** The port that it belongs to. */
  readonly port: PortRecord;
  take(incoming: IncomingStream<never>): void;
}

type Incoming = IncomingStream<never>;

/** Who takes streams at the ports of this node: those who subscribe there; and registered functions, at the node port. */
export function createTakers({ id, env, ports, find, monitor, closed$ }: Kernel) {
  const takers = new Map<string, Set<Subscriber<Incoming>>>();

  /** The streams that are opened to a port of this node, for its subscribers, which are its code (S5). */
  const streamsOf = (record: PortRecord, signal?: AbortSignal): Observable<Incoming> => {
    const streams$ = new Observable<Incoming>((subscriber) => {
      const done = (reason: readonly unknown[]): void => {
        if (reason.length === 0) subscriber.complete();
        else subscriber.error(reportable(portError(record.id, record.reason ?? []), env.log));
      };
      if (record.reason !== undefined) {
        done(record.reason);
        return undefined;
      }
      const all = takers.get(record.id) ?? new Set();
      takers.set(record.id, all.add(subscriber));
      const stop = monitor(record.id, { fire: done });
      return () => {
        stop();
        all.delete(subscriber);
        if (all.size === 0 && takers.get(record.id) === all) takers.delete(record.id);
      };
    }).pipe(takeUntil(closed$));
    const failed = logged(env.log, `streams(${record.id})`);
    return owned(streams$, (error) => {
      if (error instanceof PortDied || error instanceof Forbidden) failed(error);
      else ports.fail(record, error);
    }, signal);
  };

  /** A function that is registered here gets the stream after its other arguments. */
  const functionTaker = (name: unknown): Taker | string => {
    const code = typeof name === 'string' ? find(name) : undefined;
    const port = ports.records.get(id);
    if (code === undefined || port === undefined) return `no function ${typeof name === 'string' ? shown(name) : 'without a name'} is registered there`;
    return {
      port,
      take({ args, stream }) {
        ports.guarded(() => code(port, [...args.slice(1), stream]), `function "${String(name)}" threw`);
      },
    };
  };

  return {
    streamsOf,
    /** Who takes a stream to a port, or in words why nobody does. */
    find(portName: string, [name]: readonly unknown[]): Taker | string {
      if (portName === '') return functionTaker(name);
      const port = ports.records.get(makePortId(id, portName));
      if (port === undefined || port.dying) return 'there is no such port';
      const all = takers.get(port.id);
      if (all === undefined) return 'nobody takes streams there: streams(port) has no subscriber';
      return {
        port,
        take(incoming) {
          for (const subscriber of [...all]) ports.enter(port, () => { subscriber.next(incoming); });
        },
      };
    },
  };
}
