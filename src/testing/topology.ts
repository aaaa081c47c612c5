import { createFaults, type Heal } from './faults.js';

/** Ms that something takes: always the same, or at least `min` and at most `max`. */
export type Latency = number | { readonly min: number; readonly max: number };

/** What happens to one write: half of it arrives and the connection breaks, or one octet of it changes. */
export type Damage = 'tear' | 'corrupt';

/** What stands between the hosts of a simulated network at this moment. */
export interface Topology {
  /** Ms that what leaves now takes. */
  latency(from: string, to: string): number;
  /** Octets per ms that pass. */
  rate(from: string, to: string): number;
  isCut(from: string, to: string): boolean;
  isSilent(from: string, to: string): boolean;
  isRefused(from: string, to: string): boolean;
  isFrozen(host: string): boolean;
  /** What happens to the write that leaves now, if anything. */
  takeDamage(from: string, to: string): Damage | undefined;
  /** A number from 0 up to, not including, `below`. */
  chance(below: number): number;
  cut(a: string, b: string): Heal;
  silence(from: string, to: string): Heal;
  refuse(from: string, to: string): Heal;
  damage(from: string, to: string, damage: Damage): void;
  /** Ends all cuts, silences, refusals, and damage that has not happened. */
  heal(): void;
  delay(a: string, b: string, latency: Latency): void;
  /** Octets per ms between two hosts, or to one host from anywhere. */
  slow(a: string, b: string, rate: number): void;
  throttle(host: string, rate: number): void;
  freeze(host: string): void;
  thaw(host: string): void;
}

/** A network without faults. `fraction` gives numbers from 0 up to, not including, 1. */
export function createTopology(usual: Latency, fraction: () => number): Topology {
  const cuts = createFaults();
  const silences = createFaults();
  const refusals = createFaults();
  const damages = new Map<string, Damage[]>();
  const latencies = new Map<string, Latency>();
  const rates = new Map<string, number>();
  const frozen = new Set<string>();
  checkLatency(usual);
  const chance = (below: number): number => Math.floor(fraction() * below);

  return {
    latency(from, to) {
      const latency = latencies.get(way(from, to)) ?? usual;
      if (typeof latency === 'number') return latency;
      return latency.min + chance(latency.max - latency.min + 1);
    },
    rate: (from, to) =>
      rates.size === 0 ? Infinity : Math.min(rates.get(way(from, to)) ?? Infinity, rates.get(to) ?? Infinity),
    isCut: (from, to) => cuts.has(way(from, to)),
    isSilent: (from, to) => silences.has(way(from, to)),
    isRefused: (from, to) => refusals.has(way(from, to)),
    isFrozen: (host) => frozen.has(host),
    takeDamage(from, to) {
      if (damages.size === 0) return undefined;
      const waiting = damages.get(way(from, to));
      const damage = waiting?.shift();
      if (waiting?.length === 0) damages.delete(way(from, to));
      return damage;
    },
    chance,
    cut: (a, b) => cuts.add([way(a, b), way(b, a)]),
    silence: (from, to) => silences.add([way(from, to)]),
    refuse: (from, to) => refusals.add([way(from, to)]),
    damage(from, to, damage) {
      damages.set(way(from, to), [...(damages.get(way(from, to)) ?? []), damage]);
    },
    heal() {
      for (const faults of [cuts, silences, refusals, damages]) faults.clear();
    },
    delay(a, b, latency) {
      checkLatency(latency);
      latencies.set(way(a, b), latency).set(way(b, a), latency);
    },
    slow(a, b, rate) {
      setRate(rates, [way(a, b), way(b, a)], rate);
    },
    throttle(host, rate) {
      setRate(rates, [host], rate);
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

function setRate(rates: Map<string, number>, names: readonly string[], rate: number): void {
  if (!(rate > 0)) throw new RangeError(`A rate is octets per ms above 0, or Infinity, not ${rate}`);
  for (const name of names) {
    if (rate === Infinity) rates.delete(name);
    else rates.set(name, rate);
  }
}

function checkLatency(latency: Latency): void {
  const { min, max } = typeof latency === 'number' ? { min: latency, max: latency } : latency;
  if (min >= 0 && max >= min && max < Infinity) return;
  throw new RangeError(`A delay is ms, or { min, max } with 0 <= min <= max, not ${JSON.stringify(latency)}`);
}
