import { fileURLToPath } from 'node:url';
import { claimPort } from '../fixtures/port.js';
import { startProxy, type Direction, type Proxy } from './chaos-proxy.js';
import { startDatabaseNode, type DatabaseNode, type DatabaseNodeOptions } from './database-nodes.js';

/** Short, so that the tests are; long against the noise of a machine that is busy with other things. */
export const monitorTimeout = 2_000;
/** What all nodes change and watch. */
export const FAMILIES = ['rooms', 'users'];

/** One stream of numbered messages, as its sender has it. */
export interface Stream {
  /** Whose inbox it goes to. */
  readonly peer: string;
  /** How often its monitors have fired. */
  readonly age: number;
  /** The messages of this age so far. */
  readonly n: number;
  readonly losses: number;
  /** False: the inbox is known to be dead. */
  readonly alive: boolean;
}

/** What has come last from one sender. */
export interface Received {
  readonly run: string;
  readonly age: number;
  readonly n: number;
  /** Of all messages so far. */
  readonly count: number;
}

/** What a process says of itself (chaos-child.mjs). */
export interface ChaosState {
  readonly run: string;
  readonly up: readonly string[];
  readonly stores: Readonly<Record<string, string | null>>;
  readonly streams: readonly Stream[];
  readonly inbox: Readonly<Record<string, Received>>;
  readonly poured: number;
  /** The nodes that were lost, and when, ms since the epoch. */
  readonly downs: readonly (readonly [node: string, time: number])[];
  readonly violations: readonly string[];
  readonly logged: readonly string[];
}

const PROGRAM = fileURLToPath(new URL('chaos-child.mjs', import.meta.url));

export const TCP_PAIR = ['w1', 'h1'] as const;
export const WEB_PAIR = ['w2', 'h2'] as const;

async function planNodes(): Promise<Map<string, DatabaseNodeOptions>> {
  const [a, b, c, d] = await Promise.all([claimPort(), claimPort(), claimPort(), claimPort()]);
  const [H1, H2] = [`127.0.0.1:${a}`, `ws://127.0.0.1:${b}`];
  // what is lost must stay lost until it is mended: nobody goes another way
  const common = { secret: 'real chaos', monitorTimeout, relay: false };
  const plan: Readonly<Record<string, DatabaseNodeOptions>> = {
    h1: { ...common, binds: [H1], seeds: [H2], global: true },
    h2: { ...common, binds: [H2], seeds: [H1], global: true },
    w1: { ...common, binds: [`127.0.0.1:${c}`], seeds: [H1, H2] },
    w2: { ...common, binds: [`ws://127.0.0.1:${d}`], seeds: [H2, H1], framings: ['cbor', 'json'] },
    // nobody can connect to this one
    w3: { ...common, seeds: [H1, H2] },
  };
  return new Map(Object.entries(plan).map(([nodeid, options]) => [nodeid, { ...options, nodeid }]));
}

export type ChaosNetwork = Awaited<ReturnType<typeof createChaosNetwork>>;

/**
 * Two hubs and three workers in processes of their own, that all stream to each other. Whatever one says to another passes
 * a proxy that is theirs alone.
 */
export async function createChaosNetwork() {
  const plan = await planNodes();
  const ids = [...plan.keys()];
  const living = new Map<string, DatabaseNode>();
  /** By who connects and who listens. */
  const proxies = new Map<string, Proxy>();
  const nameOf = (client: string, server: string): string => `${client}>${server}`;

  for (const [server, { binds = [] }] of plan) {
    for (const bind of binds) {
      for (const client of ids) if (client !== server) proxies.set(nameOf(client, server), await startProxy(bind));
    }
  }

  const routesOf = (client: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...plan].flatMap(([server, { binds = [] }]) =>
        binds.flatMap((bind) => {
          const proxy = proxies.get(nameOf(client, server));
          return proxy === undefined ? [] : [[bind, proxy.address]];
        }),
      ),
    );

  /** The ways between two nodes, each with the direction in which `a` speaks. */
  const between = (a: string, b: string): readonly (readonly [Proxy, Direction])[] => {
    const ways: (readonly [Proxy | undefined, Direction])[] = [
      [proxies.get(nameOf(a, b)), 'to the server'],
      [proxies.get(nameOf(b, a)), 'to the client'],
    ];
    return ways.flatMap(([proxy, direction]) => (proxy === undefined ? [] : [[proxy, direction] as const]));
  };

  const nodeOf = (id: string): DatabaseNode => {
    const node = living.get(id);
    if (node === undefined) throw new Error(`${id} is not running`);
    return node;
  };

  return {
    ids,
    async start(id: string): Promise<void> {
      const options = { ...plan.get(id), routes: routesOf(id), families: FAMILIES };
      living.set(id, await startDatabaseNode(options, PROGRAM));
    },
    /** SIGKILL. */
    async kill(id: string): Promise<void> {
      await nodeOf(id).end();
      living.delete(id);
    },
    freeze: (id: string) => { nodeOf(id).signal('SIGSTOP'); },
    thaw: (id: string) => { nodeOf(id).signal('SIGCONT'); },
    ask: <T = unknown>(id: string, command: string, ...args: readonly unknown[]): Promise<T> => nodeOf(id).ask<T>(command, ...args),
    state: (id: string): Promise<ChaosState> => nodeOf(id).ask<ChaosState>('state'),
    cut: (a: string, b: string) => { for (const [proxy] of between(a, b)) proxy.cut(); },
    /** What `a` says to `b` vanishes. */
    silence: (a: string, b: string) => { for (const [proxy, direction] of between(a, b)) proxy.swallow(direction); },
    /** So many octets per ms pass. */
    trickle: (a: string, b: string, octets: number) => { for (const [proxy] of between(a, b)) proxy.trickle(octets); },
    heal: (a: string, b: string) => { for (const [proxy] of between(a, b)) proxy.heal(); },
  };
}
