import type { Logger } from '../../env/log.js';
import { portNameOf } from '../../wire/portid.js';
import { callTagged, callWhole, isThenable } from './handler.js';
import { describeReason, dieReason, noSuchPort, unhandledReason, type AnyMessage, type Reason } from './message.js';
import { addMonitor, isMonitored, removeMonitor, takeMonitors } from './monitors.js';
import type { Monitor, PortObserver, PortRecord } from './port-record.js';
import { allObservers, handlerOf, observe, observersOf, setHandler, taggedReceiver } from './receivers.js';
import type { RunQueue } from './run-queue.js';

/** What ports need of their node. */
export interface PortsContext {
  /** Makes the record of a new port, without receivers; it may be more than a record. */
  create(id: string): PortRecord;
  /** A port is gone: nothing may hold its record any longer, or it would hold all that the port did. */
  released(id: string): void;
}

/** The ports of a node. */
export function createPorts(log: Logger, queue: () => RunQueue, { create, released }: PortsContext) {
  const records = new Map<string, PortRecord>();
  let current: PortRecord | undefined;

  const add = (id: string): PortRecord => {
    const record = create(id);
    records.set(id, record);
    return record;
  };

  /** What stands for a port that is not there, or not any more. */
  const dead = (id: string, reason: Reason = noSuchPort(id)): PortRecord => {
    const record = create(id);
    record.dying = true;
    record.reason = reason;
    return record;
  };

  /** A promise of a port's code that is rejected kills the port as an exception does (S5). */
  const follow = (port: PortRecord, result: unknown): void => {
    if (isThenable(result)) result.then(undefined, (error: unknown) => { fail(port, error); });
  };

  /** Runs code of a port: `current` is set, exceptions and rejected promises kill the port (S5). */
  const enter = <R>(port: PortRecord, code: () => R): R | undefined => {
    const outer = current;
    current = port;
    try {
      const result = code();
      follow(port, result);
      return result;
    } catch (error) {
      fail(port, error);
      return undefined;
    } finally {
      current = outer;
    }
  };

  const dispatch = (port: PortRecord, message: AnyMessage): void => {
    if (port.reason !== undefined) return;
    const check = port.hooks?.check;
    if (check === undefined) dispatchChecked(port, message);
    else {
      const checked = check(message);
      if (checked !== undefined) dispatchChecked(port, checked);
    }
  };

  /** The hot path: one look-up of the tag, one call. */
  const dispatchChecked = (port: PortRecord, message: AnyMessage): void => {
    const tagged = taggedReceiver(port, message[0]);
    const receiver = tagged ?? port.fallback;
    if (receiver === undefined) {
      kill(port, unhandledReason(message[0]));
      return;
    }
    const outer = current;
    current = port;
    try {
      const handler = handlerOf(receiver);
      const observers = observersOf(receiver);
      if (handler !== undefined) {
        const result = tagged === undefined ? callWhole(handler, message) : callTagged(handler, message);
        if (result !== undefined) follow(port, result);
      }
      if (observers.length > 0) {
        const seen = tagged === undefined ? message : message.slice(1);
        for (const observer of observers) observer.next(seen);
      }
    } catch (error) {
      fail(port, error);
    } finally {
      current = outer;
    }
  };

  /** Code of a port has failed (S5). One that is dead already can't die of it, but somebody should know. */
  const fail = (port: PortRecord, error: unknown): void => {
    if (port.dying) log.error({ err: error, port: port.id }, `code of ${port.id} failed after its death: ${describeReason(dieReason(error))}`);
    else kill(port, dieReason(error));
  };

  /** Marks the port at once and lets it die later, after what was sent to it before (S8). Node ports don't die (S9). */
  const kill = (port: PortRecord, reason: Reason): void => {
    if (port.dying) return;
    if (portNameOf(port.id) === '') {
      log.error({ reason }, `code of the node port failed: ${describeReason(reason)}`);
      return;
    }
    port.dying = true;
    queue().later(() => {
      bury(port, reason);
    });
  };

  const bury = (port: PortRecord, reason: Reason): void => {
    if (port.reason !== undefined) return;
    if (reason.length > 0 && !isMonitored(port)) {
      log.warn({ port: port.id, reason }, `unmonitored port ${port.id} died: ${describeReason(reason)}`);
    }
    const observers = release(port, reason);
    for (const observer of observers) observer.done(reason);
    for (const monitor of takeMonitors(port)) fire(monitor, reason);
  };

  /** Takes the port out of the world without telling anybody; gives who watched it. */
  const release = (port: PortRecord, reason: Reason): readonly PortObserver[] => {
    const observers = allObservers(port);
    records.delete(port.id);
    released(port.id);
    port.hooks?.released?.();
    port.hooks = undefined;
    port.dying = true;
    port.reason = reason;
    port.tagged = undefined;
    port.fallback = undefined;
    port.tags = undefined;
    return observers;
  };

  /** Runs code that belongs to no port: what it throws, at once or as a rejection, is logged. */
  const guarded = (code: () => unknown, text: string): void => {
    const failed = (error: unknown): void => {
      log.error({ err: error }, text);
    };
    try {
      const result = code();
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  };

  /** A monitor must never fail (AnyEvent::MP `mon`); if it does, only the log hears of it. */
  const fire = (monitor: Monitor, reason: Reason): void => {
    guarded(() => monitor.fire(reason), 'a monitor callback threw; wrap it in psub to let a port die of it');
  };

  /** Watches a local port; the result stops that. */
  const monitor = (id: string, watcher: Monitor): (() => void) => {
    const port = records.get(id);
    if (port === undefined) {
      let wanted = true;
      queue().later(() => {
        if (wanted) fire(watcher, noSuchPort(id));
      });
      return () => {
        wanted = false;
      };
    }
    addMonitor(port, watcher);
    return () => {
      removeMonitor(port, watcher);
    };
  };

  return {
    records,
    add,
    dead,
    dispatch,
    enter,
    fail,
    fire,
    guarded,
    kill,
    monitor,
    observe,
    release,
    setHandler,
    get current() {
      return current;
    },
  };
}

export type Ports = ReturnType<typeof createPorts>;
