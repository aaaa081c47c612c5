import type { Clock } from '../env/clock.js';
import type { Random } from '../env/random.js';
import type { Transport } from '../transport/duplex.js';
import type { Heal } from './faults.js';
import type { ThreadPort } from './thread-port.js';
import type { Latency } from './topology.js';

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
  /**
   * From now on an address is a name, which stands for others: `setName('memory://hubs', ['memory://a', 'memory://b'])`. It may be
   * changed at any time, as DNS; undefined: looking it up fails.
   */
  setName(name: string, addresses: readonly string[] | undefined): void;
  /**
   * The ends of a new `MessageChannel`, the first of which is `a`'s and the second `b`'s: their programs are threads of one machine. No fault of
   * the network concerns it; a frozen program gets what was posted when it goes on, and of one that crashes the other end hears `close`.
   *
   * @example
   * const [port1, port2] = network.messageChannel('a', 'b');
   * port2.on('message', (text) => console.log(text));
   * port1.postMessage('hello');
   */
  messageChannel(a: string, b: string): readonly [ThreadPort, ThreadPort];
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
  /**
   * The connections that are between two hosts now carry nothing any more, for ever and without an error, as when a
   * firewall has forgotten them: each end has to notice by itself. New ones work.
   */
  forget(a: string, b: string): void;
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
  /** Connections, message channels too, that are open at one end at least; 0 after everything has closed. */
  readonly connections: number;
  /** Addresses that somebody listens on; 0 after everything has closed. */
  readonly listeners: number;
  /** What was written so far, by all: writes, and their octets. A character of text counts as one. */
  readonly traffic: { readonly writes: number; readonly octets: number };
}
