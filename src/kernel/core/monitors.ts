import type { Monitor, PortRecord } from './port-record.js';

/** Adds a monitor. Most ports have one at most, which stands in the record without a set. */
export function addMonitor(port: PortRecord, monitor: Monitor): void {
  const { monitors } = port;
  if (monitors === undefined) port.monitors = monitor;
  else if (monitors instanceof Set) monitors.add(monitor);
  else port.monitors = new Set([monitors, monitor]);
}

export function removeMonitor(port: PortRecord, monitor: Monitor): void {
  const { monitors } = port;
  if (monitors === monitor) port.monitors = undefined;
  else if (monitors instanceof Set) monitors.delete(monitor);
}

export function isMonitored({ monitors }: PortRecord): boolean {
  return monitors instanceof Set ? monitors.size > 0 : monitors !== undefined;
}

/** Takes the monitors away one after the other, in their order: one may remove another before its turn. */
export function* takeMonitors(port: PortRecord): Iterable<Monitor> {
  const { monitors } = port;
  if (monitors instanceof Set) {
    for (const monitor of [...monitors]) if (monitors.delete(monitor)) yield monitor;
  } else if (monitors !== undefined) {
    port.monitors = undefined;
    yield monitors;
  }
}
