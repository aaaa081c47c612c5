import type { MpNode } from '../mp-node.js';
import { createNode } from '../node.js';
import type { NodeOptions } from '../options.js';
import { createHostClock, type HostClock } from './host-clock.js';
import type { SimulatedNetwork } from './network.js';
import { seededRandom } from './random.js';
import { settled } from './settled.js';
import { silentLog } from './silent-log.js';
import type { ThreadPort } from './thread-port.js';
import type { VirtualClock } from './virtual-clock.js';

/** Options of one node of a test network: those of `createNode`, with other defaults, and what runs on it. */
export interface TestNodeOptions extends NodeOptions {
  /** Nodes of the network by name, or addresses. Default: none. */
  readonly seeds?: readonly string[] | undefined;
  /** What runs on the node: called with it at the start, and after each `restart`. */
  readonly start?: ((node: MpNode) => unknown) | undefined;
  /**
   * The node of this network whose worker it is, a thread of the same program (V19): attached to it, without listener and secret of its own,
   * and gone when that one is. `restart` starts it again when its parent runs.
   */
  readonly workerOf?: string | undefined;
}

/** A host of a test network, and the program on it. */
export interface TestHost {
  readonly name: string;
  /** Whose worker it is. */
  readonly parent: TestHost | undefined;
  /** The node that runs, or ran last. */
  readonly node: MpNode | undefined;
  readonly clock: HostClock;
  /** `up`: a node runs there. `frozen`: it stands still. `down`: there is none. */
  readonly state: 'up' | 'frozen' | 'down';
  start(): Promise<MpNode>;
  crash(silent: boolean): void;
  freeze(): void;
  thaw(): void;
  leave(): Promise<void>;
}

export interface TestHostContext {
  readonly name: string;
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly wire: SimulatedNetwork;
  readonly options: TestNodeOptions;
  /** Of a worker. */
  readonly parent?: TestHost | undefined;
}

export function createTestHost({ name, seed, clock, wire, options, parent }: TestHostContext): TestHost {
  const { start: service, seeds = [], workerOf: _, ...given } = options;
  let state: TestHost['state'] = 'down';
  let own = createHostClock(clock);
  let node: MpNode | undefined;
  let runs = 0;
  let port: ThreadPort | undefined;

  /** Attaches it to its parent, as `spawnWorker` does. */
  const attached = (): Pick<NodeOptions, 'attach' | 'binds' | 'secret'> | undefined => {
    if (parent === undefined) return undefined;
    const [inner, outer] = wire.messageChannel(name, parent.name);
    parent.node?.attach(outer, { member: true, name });
    port = inner;
    return { attach: [inner], binds: [], secret: undefined };
  };

  return {
    name,
    parent,
    get node() {
      return node;
    },
    get clock() {
      return own;
    },
    get state() {
      return state;
    },
    async start() {
      if (state !== 'down') throw new Error(`${name} runs already: crash it, or let it leave, first`);
      if (parent !== undefined && parent.state !== 'up') throw new Error(`${name} is a worker of ${parent.name}, which is ${parent.state}: it has to run first`);
      // what a node loads takes real time, and nothing else does
      if (parent !== undefined) await import('../network/attach/attach.js');
      if (given.guests !== undefined) await import('../access/gate/open.js');
      if (given.credentials !== undefined) await import('../access/guest/visitor.js');
      wire.revive(name);
      own = createHostClock(clock);
      runs++;
      const made = await settled(
        clock,
        createNode({
          // a guest's id is its gate's business, and it listens nowhere
          ...(given.credentials === undefined && { nodeid: name, binds: [`memory://${name}`] }),
          norc: true,
          transports: { only: [wire.transport(name)] },
          log: silentLog,
          ...given,
          ...attached(),
          clock: own,
          // of each run its own: what one node does changes nothing for the others
          random: seededRandom(seedOf(`${seed} ${name} ${runs}`)),
          seeds: seeds.map(addressOf),
        }),
      );
      node = made;
      state = 'up';
      await service?.(made);
      return made;
    },
    crash(silent) {
      if (state === 'down') return;
      state = 'down';
      own.stop();
      wire.crash(name, silent);
      wire.thaw(name);
    },
    freeze() {
      if (state !== 'up') return;
      state = 'frozen';
      own.pause();
      wire.freeze(name);
    },
    thaw() {
      if (state !== 'frozen') return;
      state = 'up';
      own.resume();
      // first the timers that are late, then what has come meanwhile
      clock.after(0, () => {
        if (state !== 'frozen') wire.thaw(name);
      });
    },
    async leave() {
      if (state === 'down') return;
      this.thaw();
      state = 'down';
      await node?.close();
      // a thread that has nothing to do any more ends
      port?.close();
    },
  };
}

/** The address of a host; an address is its own. */
export function addressOf(host: string): string {
  return host.includes(':') ? host : `memory://${host}`;
}

/** FNV-1a. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
