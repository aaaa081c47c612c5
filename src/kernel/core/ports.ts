import type { Logger } from '../../env/log.js';
import { callTagged, callWhole, isThenable, type Handler } from './handler.js';
import { describeReason, dieReason, noSuchPort, unhandledReason, type AnyMessage, type Reason } from './message.js';
import type { Monitor, PortObserver, PortRecord, Receivers, Slot } from './port-record.js';
import type { RunQueue } from './run-queue.js';

const NOBODY: readonly PortObserver[] = [];

export function createPorts(log: Logger, queue: () => RunQueue) {
  const records = new Map<string, PortRecord>();
  let current: PortRecord | undefined;

  const add = (id: string, name: string): PortRecord => {
    const record = createRecord(id, name);
    records.set(id, record);
    return record;
  };

  /** What stands for a port that is not there, or not any more. */
  const dead = (id: string): PortRecord => ({ ...createRecord(id, ''), dying: true, reason: noSuchPort(id) });

  /** A promise of a port's code that is rejected kills the port as an exception does (S5). */
  const follow = (port: PortRecord, result: unknown): void => {
    if (isThenable(result)) result.then(undefined, (error: unknown) => { kill(port, dieReason(error)); });
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
      kill(port, dieReason(error));
      return undefined;
    } finally {
      current = outer;
    }
  };

  const dispatch = (port: PortRecord, message: AnyMessage): void => {
    if (port.reason !== undefined) return;
    if (port.check === undefined) dispatchChecked(port, message);
    else {
      const checked = port.check(message);
      if (checked !== undefined) dispatchChecked(port, checked);
    }
  };

  /** The hot path: one look-up of the tag, one call. */
  const dispatchChecked = (port: PortRecord, message: AnyMessage): void => {
    const tagged = port.tags?.get(message[0]);
    const receivers = tagged ?? port.fallback;
    if (receivers === undefined) {
      kill(port, unhandledReason(message[0]));
      return;
    }
    const outer = current;
    current = port;
    try {
      const { handler, observers } = receivers;
      if (handler !== undefined) {
        const result = tagged === undefined ? callWhole(handler, message) : callTagged(handler, message);
        if (result !== undefined) follow(port, result);
      }
      if (observers !== NOBODY) {
        const seen = tagged === undefined ? message : message.slice(1);
        for (const observer of observers) observer.next(seen);
      }
    } catch (error) {
      kill(port, dieReason(error));
    } finally {
      current = outer;
    }
  };

  const receiversOf = (port: PortRecord, slot: Slot): Receivers => {
    if (slot === 'default') return (port.fallback ??= { handler: undefined, observers: NOBODY });
    port.tags ??= new Map();
    let receivers = port.tags.get(slot.tag);
    if (receivers === undefined) port.tags.set(slot.tag, (receivers = { handler: undefined, observers: NOBODY }));
    return receivers;
  };

  /** A slot that nobody uses any more must not swallow messages (S3). */
  const prune = (port: PortRecord, slot: Slot, receivers: Receivers): void => {
    if (receivers.handler !== undefined || receivers.observers !== NOBODY) return;
    if (slot === 'default') port.fallback = undefined;
    else port.tags?.delete(slot.tag);
  };

  const setHandler = (port: PortRecord, slot: Slot, handler: Handler | undefined): void => {
    if (port.reason !== undefined) return;
    const receivers = receiversOf(port, slot);
    receivers.handler = handler;
    prune(port, slot, receivers);
  };

  /** Adds an observer to a port that lives; the result removes it. */
  const observe = (port: PortRecord, slot: Slot, observer: PortObserver): (() => void) => {
    const receivers = receiversOf(port, slot);
    receivers.observers = [...receivers.observers, observer];
    return () => {
      if (!receivers.observers.includes(observer)) return;
      const left = receivers.observers.filter((other) => other !== observer);
      receivers.observers = left.length === 0 ? NOBODY : left;
      prune(port, slot, receivers);
    };
  };

  /** Marks the port at once and lets it die later, after what was sent to it before (S8). Node ports don't die (S9). */
  const kill = (port: PortRecord, reason: Reason): void => {
    if (port.dying) return;
    if (port.name === '') {
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
    const { monitors } = port;
    if (reason.length > 0 && (monitors === undefined || monitors.size === 0)) {
      log.warn({ port: port.id, reason }, `unmonitored port ${port.id} died: ${describeReason(reason)}`);
    }
    const observers = release(port, reason);
    for (const observer of observers) observer.done(reason);
    if (monitors !== undefined) for (const monitor of [...monitors]) if (monitors.delete(monitor)) fire(monitor, reason);
  };

  /** Takes the port out of the world without telling anybody; gives who watched it. */
  const release = (port: PortRecord, reason: Reason): PortObserver[] => {
    const observers = [port.fallback, ...(port.tags?.values() ?? [])].flatMap((receivers) => receivers?.observers ?? []);
    records.delete(port.id);
    port.released?.();
    port.released = undefined;
    port.dying = true;
    port.reason = reason;
    port.fallback = undefined;
    port.tags = undefined;
    port.monitors = undefined;
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
    const monitors = (port.monitors ??= new Set());
    monitors.add(watcher);
    return () => {
      monitors.delete(watcher);
    };
  };

  return {
    records,
    add,
    dead,
    dispatch,
    enter,
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

function createRecord(id: string, name: string): PortRecord {
  return {
    id,
    name,
    dying: false,
    reason: undefined,
    fallback: undefined,
    tags: undefined,
    monitors: undefined,
    check: undefined,
    released: undefined,
    face: undefined,
  };
}

export type Ports = ReturnType<typeof createPorts>;
