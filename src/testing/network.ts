import { Observable } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import { fraction, type Random } from '../env/random.js';
import type { Address } from '../transport/address.js';
import type { Duplex, ListenEvent, Transport } from '../transport/duplex.js';
import { connectFailure, listenFailure } from '../transport/failure.js';
import type { Heal } from './faults.js';
import { createLink, type Link } from './link.js';
import { createTopology, type Latency } from './topology.js';

/** Options of {@link simulatedNetwork}. */
export interface NetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Ms that anything takes from one host to another; with `min` and `max`, chosen anew for each write. Default 0. */
  readonly delay?: Latency;
}

/** A network in memory whose faults are at the command of a test. Each fault can be ended alone, by what its command gives. */
export interface SimulatedNetwork {
  /** The transport (`memory://name`) of one host; all calls for one host are the same place. */
  transport(host: string): Transport;
  /** Breaks the connections between two hosts: both ends see an error now. New ones are refused until it has healed. */
  cut(a: string, b: string): Heal;
  /** Cuts every host of one group from every host of the others. Hosts that are in no group keep their connections. */
  partition(groups: readonly (readonly string[])[]): Heal;
  /**
   * What one host sends the other vanishes without any error, in both directions or only from `a` to `b`, and connects
   * hang, until it has healed: half-open connections. One that lost octets meanwhile can't go on without a hole: it breaks
   * then, at both ends.
   */
  silence(a: string, b: string, oneWay?: boolean): Heal;
  /** New connections from `a` to `b` are refused; those that are there stay. */
  refuse(a: string, b: string): Heal;
  /** The connection of the next write from `a` to `b` breaks in the middle of it: only a part arrives. */
  tear(a: string, b: string): void;
  /** The next write from `a` to `b` arrives with one octet changed. Of text that is always noticed, of octets it may not be. */
  corrupt(a: string, b: string): void;
  /** Ends every cut, silence and refusal. Connects that hung go on. */
  heal(): void;
  /** From now on, whatever passes between two hosts takes so long; order within a connection is kept. */
  delay(a: string, b: string, ms: Latency): void;
  /** From now on only so many octets per ms pass in each direction; Infinity: all. What is beyond waits, and presses back. */
  slow(a: string, b: string, rate: number): void;
  /** From now on the host takes only so many octets per ms of each connection: a slow consumer. Infinity: all. */
  throttle(host: string, rate: number): void;
  /** The host neither receives nor sends, though its clock goes on; nobody gets an error. */
  freeze(host: string): void;
  /** What was sent to a frozen host, and by it, arrives now. */
  thaw(host: string): void;
  /**
   * The program of a host is gone, without a goodbye: it hears and says nothing any more, and its listeners are closed.
   * What it had written arrives, then the other ends see a reset. With `silent` the whole host is gone: nothing of it
   * arrives, nobody gets an error, and connects to it hang until `revive`.
   */
  crash(host: string, silent?: boolean): void;
  /** A host is there again after a silent crash; who writes to an old connection sees that it is gone. */
  revive(host: string): void;
  /** Connections that are open at one end at least; 0 after everything has closed. */
  readonly connections: number;
  /** Addresses that somebody listens on; 0 after everything has closed. */
  readonly listeners: number;
  /** What was written so far, by all: writes, and their octets. A character of text counts as one. */
  readonly traffic: { readonly writes: number; readonly octets: number };
}

interface Listener {
  readonly host: string;
  readonly accept: (duplex: Duplex) => void;
}

/**
 * Makes a network of hosts without a real socket or a real millisecond.
 *
 * @example
 * const clock = new VirtualClock();
 * const network = simulatedNetwork({ clock, random: seededRandom(1), delay: { min: 1, max: 20 } });
 * const [here, there] = [network.transport('a'), network.transport('b')];
 * const heal = network.partition([['a'], ['b']]);
 */
export function simulatedNetwork({ clock, random, delay = 0 }: NetworkOptions): SimulatedNetwork {
  const topology = createTopology(delay, () => fraction(random));
  const listeners = new Map<string, Listener>();
  /** Where somebody listened last. */
  const places = new Map<string, string>();
  const links = new Set<Link>();
  /** Steps of connects that wait for a way to open. */
  const hanging = new Set<() => void>();
  const down = new Set<string>();
  /** How often the program of a host was lost: what an earlier one has begun is nobody's. */
  const crashes = new Map<string, number>();
  const traffic = { writes: 0, octets: 0 };

  const isOpen = (from: string, to: string): boolean =>
    !topology.isSilent(from, to) && !topology.isFrozen(from) && !topology.isFrozen(to) && !down.has(to);

  /** Goes from one host to the other: takes as long as the way does, and waits where it is not open. */
  const travel = (from: string, to: string, arrive: () => void): Cancel => {
    const step = (): void => {
      const open = isOpen(from, to);
      if (open) hanging.delete(step);
      else hanging.add(step);
      if (open) arrive();
    };
    const cancel = clock.after(topology.latency(from, to), step);
    return () => {
      cancel();
      hanging.delete(step);
    };
  };
  /** In a turn of its own, because the caller may stand inside what is delivered. */
  const resume = (): void => {
    clock.turn(() => {
      for (const step of [...hanging]) step();
      for (const link of [...links]) link.resume();
    });
  };
  const breakLinks = (cause: string, which: (link: Link) => boolean): void => {
    for (const link of [...links].filter(which)) link.cut(cause);
  };
  const isSilent = ({ from, to }: Link): boolean => topology.isSilent(from, to) || topology.isSilent(to, from);
  const healed = (): void => {
    breakLinks('octets were lost on the way', (link) => link.torn && !isSilent(link));
    resume();
  };
  const healing = (heals: readonly Heal[]): Heal => () => {
    for (const heal of heals) heal();
    healed();
  };

  const listen = (host: string, bind: Address): Observable<ListenEvent> =>
    new Observable((subscriber) => {
      const name = bind.text;
      if (listeners.has(name)) {
        subscriber.error(listenFailure(bind, 'address already in use'));
        return undefined;
      }
      const listener = { host, accept: (duplex: Duplex) => subscriber.next({ kind: 'connection', duplex }) } as const;
      listeners.set(name, listener);
      places.set(name, host);
      clock.turn(() => subscriber.next({ kind: 'listening', addresses: [name] }));
      return () => {
        if (listeners.get(name) === listener) listeners.delete(name);
      };
    });

  const connect = (host: string, address: Address): Observable<Duplex> =>
    new Observable((subscriber) => {
      const refuse = (why: string): void => subscriber.error(connectFailure(address, why));
      // where nobody listens, nobody is far: the refusal comes from the host itself, unless that is gone
      const place = places.get(address.text);
      const target = listeners.get(address.text)?.host ?? (place !== undefined && down.has(place) ? place : host);
      const crashed = crashes.get(host);
      const arrive = (): void => {
        if (crashes.get(host) !== crashed) return;
        const listener = listeners.get(address.text);
        if (listener?.host !== target) return refuse(`nothing listens on ${address.text}`);
        if (topology.isCut(host, target) || topology.isRefused(host, target)) return refuse('connection refused');
        const link = createLink({
          ...{ clock, topology, from: host, to: target, address: address.text },
          isDown: (name) => down.has(name),
          onWrite(octets) {
            traffic.writes++;
            traffic.octets += octets;
          },
          onClosed: () => links.delete(link),
        });
        links.add(link);
        let established = false;
        subscriber.add(() => {
          if (!established) link.left.close(new Error('the connect was aborted'));
        });
        listener.accept(link.right);
        subscriber.add(
          travel(target, host, () => {
            if (crashes.get(host) !== crashed) return;
            if (link.closed) return refuse('reset by the other end');
            established = true;
            subscriber.next(link.left);
            subscriber.complete();
          }),
        );
      };
      return travel(host, target, arrive);
    });

  const cut = (a: string, b: string): Heal => {
    const heal = topology.cut(a, b);
    breakLinks('the network was cut', ({ from, to }) => topology.isCut(from, to));
    return healing([heal]);
  };

  return {
    transport: (host) => ({
      schemes: ['memory'],
      listen: (bind) => listen(host, bind),
      connect: (address) => connect(host, address),
    }),
    cut,
    partition(groups) {
      const heals: Heal[] = [];
      for (const [i, group] of groups.entries()) {
        for (const other of groups.slice(i + 1).flat()) for (const host of group) heals.push(cut(host, other));
      }
      return () => { for (const heal of heals) heal(); };
    },
    silence(a, b, oneWay = false) {
      return healing([topology.silence(a, b), ...(oneWay ? [] : [topology.silence(b, a)])]);
    },
    refuse: (a, b) => topology.refuse(a, b),
    tear: (a, b) => { topology.damage(a, b, 'tear'); },
    corrupt: (a, b) => { topology.damage(a, b, 'corrupt'); },
    heal() {
      topology.heal();
      healed();
    },
    delay: topology.delay,
    slow(a, b, rate) {
      topology.slow(a, b, rate);
      resume();
    },
    throttle(host, rate) {
      topology.throttle(host, rate);
      resume();
    },
    freeze: topology.freeze,
    thaw(host) {
      topology.thaw(host);
      resume();
    },
    crash(host, silent = false) {
      crashes.set(host, (crashes.get(host) ?? 0) + 1);
      if (silent) down.add(host);
      for (const [name, listener] of listeners) if (listener.host === host) listeners.delete(name);
      for (const link of [...links]) if (link.from === host || link.to === host) link.crash(host, silent);
    },
    revive(host) {
      down.delete(host);
      resume();
    },
    get connections() {
      return links.size;
    },
    get listeners() {
      return listeners.size;
    },
    traffic,
  };
}
