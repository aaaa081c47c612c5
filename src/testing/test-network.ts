import type { MpNode } from '../mp-node.js';
import type { Heal } from './faults.js';
import { simulatedNetwork, type SimulatedNetwork } from './network.js';
import { seededRandom } from './random.js';
import { addressOf, createTestHost, type TestHost, type TestNodeOptions } from './test-host.js';
import type { Latency } from './topology.js';
import { VirtualClock } from './virtual-clock.js';

/** Options of {@link createNetwork}. */
export interface TestNetworkOptions {
  /** Everything that is left to chance follows from it: the same seed gives the same run. Default 1. */
  readonly seed?: number;
  /** Ms that anything takes from one host to another. Default: 1 to 10, chosen anew for each write. */
  readonly delay?: Latency;
  /** Options of all nodes. Default: a common secret, and a `monitorTimeout` of 1,000 ms. */
  readonly node?: TestNodeOptions;
}

/**
 * Real nodes on hosts of their own, in one process, on virtual time, over a network that fails at your command. Every
 * fault ends with `heal()`, or alone with what its command gives.
 */
export interface TestNetwork {
  /** The time of the network; `clock.now()` is 0 at first. */
  readonly clock: VirtualClock;
  /** The network under the nodes, for finer faults: a slow way, one that is silent in one direction, a corrupted octet. */
  readonly wire: SimulatedNetwork;

  /**
   * Starts a node on a host of its own: its id is the host's name, it listens at `memory://name`, and `seeds` are names of
   * other nodes. One with `credentials` is a guest: it has an id of its own, and listens nowhere. `start` in the options runs your service on it, also after a restart. Rejects as `createNode` does.
   */
  node(name: string, options?: TestNodeOptions): Promise<MpNode>;
  /** The node that runs on a host, or ran last. Throws for names that nobody has. */
  get(name: string): MpNode;

  /**
   * The program is killed, with its workers: what it had written arrives, then its connections break. With `silent` the machine is gone.
   */
  crash(name: string, options?: { readonly silent?: boolean }): void;
  /** Starts the node of a host anew, with the same id, after it crashed or left; `start` runs again. */
  restart(name: string): Promise<MpNode>;
  /** Says goodbye: closes the node, and lets time go by until all that it had sent has left. Its workers end then. */
  leave(name: string): Promise<void>;
  /** The program stands still, as after SIGSTOP: no timer, no message; its connections stay open. */
  freeze(name: string): void;
  /** A frozen program goes on, with all that came meanwhile. */
  thaw(name: string): void;
  /** The clock of one host leaps forward: its timers fire early, or, for the program, late. */
  leap(name: string, ms: number): void;
  /** Somebody sets the wall clock of one host, forwards or back: its timers and durations must not notice. */
  setWall(name: string, ms: number): void;

  /**
   * From now on a name stands for hosts, as in DNS: nodes that have it as a seed look it up, and again while they run. Undefined:
   * nobody knows it. Set it first before a node starts that has it as seed.
   *
   * @example
   * network.setName('hubs', ['a', 'b']);
   * await network.node('c', { seeds: ['hubs'] });
   */
  setName(name: string, hosts: readonly string[] | undefined): void;

  /** Hosts of different groups can't reach each other; those in no group reach all. */
  partition(...groups: readonly (readonly string[])[]): Heal;
  /** Breaks the connections between two hosts, and refuses new ones. */
  cut(a: string, b: string): Heal;
  /** What two hosts send each other vanishes, without an error: half-open connections. */
  silence(a: string, b: string): Heal;
  /** Ends all partitions, cuts and silences. */
  heal(): void;

  /** Lets time go by, with its promises: code that awaits gets its turn at each instant. */
  run(ms: number): Promise<void>;
  /** Lets time go by until something is so, which is looked at after each instant. Rejects when `ms` are over. */
  until(condition: () => boolean, ms: number): Promise<void>;
  /** Closes all nodes, heals, and rejects when timers, connections or listeners are left behind. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How often promises may lead to others at one instant. */
const PROMISE_ROUNDS = 30;
/** Within this time everything that was closed has to be gone, ms. */
const CLOSING_TIME = 120_000;
const DELAY: Latency = { min: 1, max: 10 };
const DEFAULTS: TestNodeOptions = { secret: 'of this test', monitorTimeout: 1_000 };

/**
 * Makes a network for tests: real nodes, virtual time, faults at your command.
 *
 * @example
 * ```ts
 * import { createNetwork } from 'rxmp/testing';
 *
 * await using network = createNetwork({ seed: 1 });
 * const a = await network.node('a');
 * const b = await network.node('b', { seeds: ['a'] });
 * await network.until(() => b.nodeIsUp('a') === true, 1_000);
 *
 * b.mon('a', (...reason) => console.log(network.clock.now(), reason.join(' ')));
 * network.partition(['a'], ['b']);
 * await network.run(1_000);
 * network.heal();
 * await network.until(() => a.nodeIsUp('b') === true, 5_000);
 * ```
 */
export function createNetwork({ seed = 1, delay = DELAY, node: defaults }: TestNetworkOptions = {}): TestNetwork {
  const clock = new VirtualClock();
  const wire = simulatedNetwork({ clock, random: seededRandom(seed), delay });
  const hosts = new Map<string, TestHost>();

  const hostOf = (name: string): TestHost => {
    const host = hosts.get(name);
    if (host !== undefined) return host;
    throw new Error(`there is no node "${name}" in this network: there are ${[...hosts.keys()].join(', ') || 'none'}`);
  };

  const workersOf = (name: string): TestHost[] => [...hosts.values()].filter(({ parent }) => parent?.name === name);
  const crash = (host: TestHost, silent: boolean): void => {
    host.crash(silent);
    for (const worker of workersOf(host.name)) crash(worker, silent);
  };

  const until = async (condition: () => boolean, ms: number): Promise<void> => {
    const end = clock.monotonic() + ms;
    for (;;) {
      await promises(clock);
      if (condition()) return;
      if (clock.monotonic() >= end) throw new Error(`still not so after ${ms} ms: ${String(condition)}`);
      clock.runUntil(Math.min(clock.next, end));
    }
  };

  const run = (ms: number): Promise<void> => {
    const end = clock.monotonic() + ms;
    return until(() => clock.monotonic() >= end, ms);
  };

  /** What was sent and is still on its way takes time. */
  const leave = async (some: Iterable<TestHost>): Promise<void> => {
    let gone = false;
    const done = (): void => { gone = true; };
    const all = [...some];
    const leaving = Promise.all(all.map((host) => host.leave()));
    leaving.then(done, done);
    await until(() => gone, CLOSING_TIME);
    await leaving;
    for (const host of all) for (const worker of workersOf(host.name)) crash(worker, false);
  };

  const close = async (): Promise<void> => {
    wire.heal();
    await leave(hosts.values());
    const end = clock.monotonic() + CLOSING_TIME;
    while (clock.pending > 0 && clock.monotonic() < end) await run(Math.min(clock.next, end) - clock.monotonic());
    const left = leftBehind(hosts.values(), wire);
    if (left.length > 0) throw new Error(`left behind after every node was closed: ${left.join(', ')}`);
  };

  return {
    clock,
    wire,
    async node(name, options) {
      if (hosts.has(name)) throw new Error(`there is a node "${name}" in this network already`);
      const parent = options?.workerOf === undefined ? undefined : hostOf(options.workerOf);
      const host = createTestHost({ name, seed, clock, wire, parent, options: { ...DEFAULTS, ...defaults, ...(options?.credentials !== undefined && { secret: undefined }), ...options } });
      const node = await host.start();
      hosts.set(name, host);
      return node;
    },
    get(name) {
      const { node } = hostOf(name);
      if (node === undefined) throw new Error(`the node "${name}" has not started`);
      return node;
    },
    crash(name, { silent = false } = {}) {
      crash(hostOf(name), silent);
    },
    restart: (name) => hostOf(name).start(),
    leave: (name) => leave([hostOf(name)]),
    freeze(name) {
      hostOf(name).freeze();
    },
    thaw(name) {
      hostOf(name).thaw();
    },
    setWall(name, ms) {
      hostOf(name).clock.setWall(ms);
    },
    leap(name, ms) {
      hostOf(name).clock.leap(ms);
    },
    setName(name, others) {
      wire.setName(addressOf(name), others?.map(addressOf));
    },
    partition: (...groups) => wire.partition(groups),
    cut: wire.cut,
    silence: (a, b) => wire.silence(a, b),
    heal: wire.heal,
    run,
    until,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Does what is due now, promises included. */
async function promises(clock: VirtualClock): Promise<void> {
  for (let round = 0; round < PROMISE_ROUNDS; round++) {
    clock.runFor(0);
    await Promise.resolve();
  }
  clock.runFor(0);
}

function leftBehind(hosts: Iterable<TestHost>, wire: SimulatedNetwork): string[] {
  const left: string[] = [];
  for (const { name, clock } of hosts) if (clock.pending > 0) left.push(`${clock.pending} timers of ${name}`);
  if (wire.connections > 0) left.push(`${wire.connections} connections`);
  if (wire.listeners > 0) left.push(`${wire.listeners} listeners`);
  return left;
}
