import { tap } from 'rxjs';
import { recordedLog, type World } from '../../../marbles/world.js';
import type { Cancel } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import type { Random } from '../../../src/env/random.js';
import { createKernel, type Kernel } from '../../../src/kernel/kernel.js';
import { CONNECT_INTERVAL } from '../../../src/network/attempts.js';
import { createNetwork, type Network } from '../../../src/network/network.js';
import type { Find } from '../../../src/network/searches.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import type { Link } from '../../../src/transport/link.js';

/** Chance that always says the same: 0 gives the fraction 0, and 255 nearly 1. */
export const always = (octet: number): Random => ({ octets: (count) => new Uint8Array(count).fill(octet) });

/** How to make a searcher. */
export interface SearcherOptions {
  /** What the database answers at once; without it the test answers. */
  readonly knows?: Readonly<Record<string, readonly string[] | null>>;
  readonly seeds?: readonly string[];
  readonly monitorTimeout?: number;
  /** Chance of pauses and order; that of the world by default. */
  readonly chance?: Random;
  readonly queueSize?: number;
  /** When a seed is reached. */
  onReached?(): void;
}

/** The kernel and the network of a node, whose database is the test. */
export function searcher(world: World, id: string, options: SearcherOptions = {}) {
  const { knows, monitorTimeout = 30_000 } = options;
  const { clock } = world;
  const log = recordedLog();
  const asked: [time: number, node: string][] = [];
  const cancelled: string[] = [];
  const dialed: [time: number, address: string][] = [];
  const reached: [time: number, node: string][] = [];
  const changes: string[] = [];
  const answers = new Map<string, (addresses: readonly string[] | null) => void>();
  const env = {
    clock,
    log,
    random: { octets: (count: number) => (count === 4 ? (options.chance ?? world.random) : world.random).octets(count) },
    limits: { ...defaultLimits, ...(options.queueSize === undefined ? {} : { queueSize: options.queueSize }) },
  };
  const find: Find = (node, found): Cancel => {
    asked.push([clock.now(), node]);
    if (knows === undefined) answers.set(node, found);
    else found(knows[node] ?? null);
    return () => cancelled.push(node);
  };
  const transport = world.network.transport(id);
  const noted: Transport = {
    ...transport,
    connect: (address) =>
      transport.connect(address).pipe(
        tap({
          subscribe: () => {
            dialed.push([clock.now(), address.text]);
          },
        }),
      ),
  };
  const links: Link[] = [];
  let nonces = 0;
  const kernel: Kernel = createKernel({
    id,
    env,
    monitorTimeout,
    freezeMessages: false,
    connect: (node) => network.connect(node),
    changed: (change) => {
      network.nodeChanged(change);
      return () => { changes.push(`${change.node} ${change.up ? 'up' : 'down'}`); };
    },
    requests: { knows: () => false, handle: () => false },
  });
  const network: Network = createNetwork({
    env,
    kernel,
    transports: [noted],
    seeds: (options.seeds ?? []).map(parseAddress),
    monitorTimeout,
    connectInterval: CONNECT_INTERVAL,
    find,
    handshake: () => ({
      node: id,
      framings: ['json'],
      secret: 'of these tests',
      acceptCleartext: false,
      acceptCertificate: false,
      acceptAnonymous: false,
      tls: 'none',
      nonce: `${id} ${nonces++}`,
      keys: new Map([['provider', 'rxmp-searcher'], [RUN_KEY, `run of ${id}`]]),
    }),
    alwaysTls: false,
    relay: true,
    relaysChanged: () => undefined,
    linkState: () => undefined,
    seedsStirred: () => undefined,
    life$: undefined,
    linked: (link) => links.push(link),
    selfSeed: (seed) => changes.push(`self ${seed}`),
    streamConnected: () => undefined,
    channelRequested: () => false,
    seedReached: (node) => {
      reached.push([clock.now(), node]);
      options.onReached?.();
    },
  });
  return {
    kernel,
    network,
    log,
    links,
    /** When the database was asked for which node, and whose questions were taken back. */
    asked,
    cancelled,
    /** What was connected to, and when. */
    dialed,
    /** Which seeds were reached, and when. */
    reached,
    changes,
    /** The database answers. */
    answer(node: string, addresses: readonly string[] | null): void {
      answers.get(node)?.(addresses);
    },
    /** Monitors a node; the result gets the time and the reason of its end. */
    mon(node: string): unknown[] {
      const deaths: unknown[] = [];
      kernel.monitor(node, { fire: (reason) => deaths.push([clock.now(), ...reason]) });
      return deaths;
    },
    warnings: () => log.lines.filter((line) => line.startsWith('warn')),
    close(): void {
      network.close();
      kernel.close(1_000);
    },
  };
}
