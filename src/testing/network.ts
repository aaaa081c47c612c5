import { Observable } from 'rxjs';
import type { Cancel } from '../env/clock.js';
import { fraction } from '../env/random.js';
import type { Address } from '../transport/address.js';
import type { Duplex, ListenEvent } from '../transport/duplex.js';
import { connectFailure, listenFailure } from '../transport/failure.js';
import type { Heal } from './faults.js';
import { createLink, type Link } from './link.js';
import { createNames } from './names.js';
import type { NetworkOptions, SimulatedNetwork } from './network-types.js';
import { createThreadChannel, type ThreadChannel } from './thread-port.js';
import { createTopology } from './topology.js';

export type * from './network-types.js';

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
  const names = createNames(clock);
  const listeners = new Map<string, Listener>();
  /** Where somebody listened last. */
  const places = new Map<string, string>();
  const links = new Set<Link>();
  const channels = new Set<ThreadChannel>();
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
      for (const channel of [...channels]) channel.resume();
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
      resolve: (address) => names.resolve(address, () => topology.latency(host, host)),
    }),
    setName: names.set,
    messageChannel(a, b) {
      const channel = createThreadChannel({ clock, hosts: [a, b], isFrozen: topology.isFrozen, onClosed: () => channels.delete(channel) });
      channels.add(channel);
      return channel.ports;
    },
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
    forget(a, b) {
      for (const link of [...links]) if ((link.from === a && link.to === b) || (link.from === b && link.to === a)) link.forget();
    },
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
      for (const channel of [...channels]) channel.crash(host);
    },
    revive(host) {
      down.delete(host);
      resume();
    },
    get connections() {
      return links.size + channels.size;
    },
    get listeners() {
      return listeners.size;
    },
    traffic,
  };
}
