/** Ms that something takes: always the same, or at least `min` and at most `max`. */
export type Latency = number | { readonly min: number; readonly max: number };

/** What stands between the hosts of a simulated network at this moment. */
export interface Topology {
  /** Ms that what leaves now takes. */
  latency(from: string, to: string): number;
  isCut(from: string, to: string): boolean;
  isSilent(from: string, to: string): boolean;
  isFrozen(host: string): boolean;
  cut(a: string, b: string): void;
  silence(from: string, to: string): void;
  /** Ends all cuts and silences. */
  heal(): void;
  delay(a: string, b: string, latency: Latency): void;
  freeze(host: string): void;
  thaw(host: string): void;
}

/** A network without faults. `fraction` gives numbers from 0 up to, not including, 1. */
export function createTopology(usual: Latency, fraction: () => number): Topology {
  const cuts = new Set<string>();
  const silences = new Set<string>();
  const latencies = new Map<string, Latency>();
  const frozen = new Set<string>();
  checkLatency(usual);

  return {
    latency(from, to) {
      const latency = latencies.get(way(from, to)) ?? usual;
      if (typeof latency === 'number') return latency;
      return latency.min + Math.floor(fraction() * (latency.max - latency.min + 1));
    },
    isCut: (from, to) => cuts.has(way(from, to)),
    isSilent: (from, to) => silences.has(way(from, to)),
    isFrozen: (host) => frozen.has(host),
    cut(a, b) {
      cuts.add(way(a, b)).add(way(b, a));
    },
    silence(from, to) {
      silences.add(way(from, to));
    },
    heal() {
      cuts.clear();
      silences.clear();
    },
    delay(a, b, latency) {
      checkLatency(latency);
      latencies.set(way(a, b), latency).set(way(b, a), latency);
    },
    freeze(host) {
      frozen.add(host);
    },
    thaw(host) {
      frozen.delete(host);
    },
  };
}

const way = (from: string, to: string): string => `${from}\n${to}`;

function checkLatency(latency: Latency): void {
  const { min, max } = typeof latency === 'number' ? { min: latency, max: latency } : latency;
  if (min >= 0 && max >= min && max < Infinity) return;
  throw new RangeError(`A delay is ms, or { min, max } with 0 <= min <= max, not ${JSON.stringify(latency)}`);
}
