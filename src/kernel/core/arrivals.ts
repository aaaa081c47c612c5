import type { PortRecord } from './port-record.js';

/** Ports of this node, by the names under which messages from elsewhere come for them. */
export interface Arrivals {
  find(portName: string): PortRecord | undefined;
  /** The port is dead: from now on nothing keeps it. */
  forget(id: string): void;
}

/** So many are remembered: a node that is busy with more ports than this only loses a little speed. */
const SIZE = 10_000;

/**
 * Looks ports up among `records`, whose ids begin with `prefix`. Putting an id together for each message would cost more
 * than all else, so names that have come are remembered; all but those of `replies`, which get one message only.
 */
export function createArrivals(prefix: string, replies: string, records: ReadonlyMap<string, PortRecord>): Arrivals {
  const known = new Map<string, PortRecord>();
  return {
    find(portName) {
      if (portName.startsWith(replies)) return records.get(prefix + portName);
      const seen = known.get(portName);
      if (seen !== undefined) return seen;
      const port = records.get(prefix + portName);
      if (port === undefined) return undefined;
      // what is in use is back at once, and there is nothing to keep in order
      if (known.size >= SIZE) known.clear();
      known.set(portName, port);
      return port;
    },
    forget(id) {
      if (known.size > 0) known.delete(id.slice(prefix.length));
    },
  };
}
