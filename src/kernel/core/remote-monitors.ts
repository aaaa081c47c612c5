import type { Reason } from './message.js';
import type { Monitor } from './port-record.js';

/** Our monitors of the ports of one other node: one request over there serves all monitors of a port (S11). */
export interface RemoteMonitors {
  /** Adds a monitor; the result takes it away again. Throws what `request` throws. */
  add(portName: string, monitor: Monitor): () => void;
  /** Takes out the monitors of a port that has died. */
  take(portName: string): readonly Monitors[];
  /** Takes out all. */
  takeAll(): readonly Monitors[];
  readonly isEmpty: boolean;
}

type Monitors = Set<Monitor>;

/** What the monitors of a port need over there: to start with the first, and to stop with the last. */
export interface MonitorRequests {
  start(portName: string): void;
  stop(portName: string): void;
}

export function createRemoteMonitors(requests: MonitorRequests): RemoteMonitors {
  let byPort = new Map<string, Monitors>();

  const start = (portName: string): Monitors => {
    const monitors: Monitors = new Set();
    // before the request: if that finds the node lost at once, these monitors are among those that fire
    byPort.set(portName, monitors);
    try {
      requests.start(portName);
    } catch (error) {
      byPort.delete(portName);
      throw error;
    }
    return monitors;
  };

  return {
    add(portName, monitor) {
      const monitors = byPort.get(portName) ?? start(portName);
      monitors.add(monitor);
      return () => {
        if (!monitors.delete(monitor) || monitors.size > 0 || byPort.get(portName) !== monitors) return;
        byPort.delete(portName);
        requests.stop(portName);
      };
    },
    take(portName) {
      const monitors = byPort.get(portName);
      byPort.delete(portName);
      return monitors === undefined ? [] : [monitors];
    },
    takeAll() {
      const all = [...byPort.values()];
      byPort = new Map();
      return all;
    },
    get isEmpty() {
      return byPort.size === 0;
    },
  };
}

/** Fires what was taken out, each once; what is unsubscribed meanwhile does not fire. */
export function fireAll(taken: readonly Monitors[], fire: (monitor: Monitor, reason: Reason) => void, reason: Reason): void {
  for (const monitors of taken) {
    for (const monitor of [...monitors]) if (monitors.delete(monitor)) fire(monitor, reason);
  }
}
