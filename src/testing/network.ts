import { Observable } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import { fraction, type Random } from '../env/random.js';
import type { Address } from '../transport/address.js';
import type { Duplex, ListenEvent, Transport } from '../transport/duplex.js';
import { connectFailure, listenFailure } from '../transport/failure.js';
import { createLink, type Link } from './link.js';
import { createTopology, type Latency } from './topology.js';

/** Options of {@link simulatedNetwork}. */
export interface NetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Ms that anything takes from one host to another; with `min` and `max`, chosen anew for each write. Default 0. */
  readonly delay?: Latency;
}

/** A network in memory whose faults are at the command of a test. */
export interface SimulatedNetwork {
  /** The transport (`memory://name`) of one host; all calls for one host are the same place. */
  transport(host: string): Transport;
  /** Breaks the connections between two hosts: both ends see an error now. New ones are refused until `heal`. */
  cut(a: string, b: string): void;
  /** Cuts every host of one group from every host of the others. Hosts that are in no group keep their connections. */
  partition(groups: readonly (readonly string[])[]): void;
  /**
   * What one host sends the other vanishes without any error, in both directions or only from `a` to `b`, and connects
   * hang, until `heal`: half-open connections.
   */
  silence(a: string, b: string, oneWay?: boolean): void;
  /**
   * Ends every cut and silence. Connects that hung go on. A connection that lost octets meanwhile can't go on without a
   * hole: it breaks, at both ends.
   */
  heal(): void;
  /** From now on, whatever passes between two hosts takes so long; order within a connection is kept. */
  delay(a: string, b: string, ms: Latency): void;
  /** The host neither receives nor sends, though its clock goes on; nobody gets an error. */
  freeze(host: string): void;
  /** What was sent to a frozen host, and by it, arrives now. */
  thaw(host: string): void;
  /** Connections that are open at one end at least; 0 after everything has closed. */
  readonly connections: number;
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
 * network.partition([['a'], ['b']]);
 */
export function simulatedNetwork({ clock, random, delay = 0 }: NetworkOptions): SimulatedNetwork {
  const topology = createTopology(delay, () => fraction(random));
  const listeners = new Map<string, Listener>();
  const links = new Set<Link>();
  /** Steps of connects that wait for a way to open. */
  const hanging = new Set<() => void>();

  /** Goes from one host to the other: takes as long as the way does, and waits where it is not open. */
  const travel = (from: string, to: string, arrive: () => void): Cancel => {
    const step = (): void => {
      const open = !topology.isSilent(from, to) && !topology.isFrozen(from) && !topology.isFrozen(to);
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

  const listen = (host: string, bind: Address): Observable<ListenEvent> =>
    new Observable((subscriber) => {
      const name = bind.text;
      if (listeners.has(name)) {
        subscriber.error(listenFailure(bind, 'address already in use'));
        return undefined;
      }
      listeners.set(name, { host, accept: (duplex) => subscriber.next({ kind: 'connection', duplex }) });
      clock.turn(() => subscriber.next({ kind: 'listening', addresses: [name] }));
      return () => listeners.delete(name);
    });

  const connect = (host: string, address: Address): Observable<Duplex> =>
    new Observable((subscriber) => {
      const refuse = (why: string): void => subscriber.error(connectFailure(address, why));
      // where nobody listens, nobody is far: the refusal comes from the host itself
      const target = listeners.get(address.text)?.host ?? host;
      const arrive = (): void => {
        const listener = listeners.get(address.text);
        if (listener?.host !== target) return refuse(`nothing listens on ${address.text}`);
        if (topology.isCut(host, target)) return refuse('connection refused');
        const link = createLink({
          clock,
          topology,
          from: host,
          to: target,
          address: address.text,
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
            if (link.closed) return refuse('reset by the other end');
            established = true;
            subscriber.next(link.left);
            subscriber.complete();
          }),
        );
      };
      return travel(host, target, arrive);
    });

  const cut = (a: string, b: string): void => {
    topology.cut(a, b);
    breakLinks('the network was cut', ({ from, to }) => topology.isCut(from, to));
  };

  return {
    transport: (host) => ({
      schemes: ['memory'],
      listen: (bind) => listen(host, bind),
      connect: (address) => connect(host, address),
    }),
    cut,
    partition(groups) {
      for (const [i, group] of groups.entries()) {
        for (const other of groups.slice(i + 1).flat()) for (const host of group) cut(host, other);
      }
    },
    silence(a, b, oneWay = false) {
      topology.silence(a, b);
      if (!oneWay) topology.silence(b, a);
    },
    heal() {
      topology.heal();
      breakLinks('octets were lost on the way', ({ torn }) => torn);
      resume();
    },
    delay: topology.delay,
    freeze: topology.freeze,
    thaw(host) {
      topology.thaw(host);
      resume();
    },
    get connections() {
      return links.size;
    },
  };
}
