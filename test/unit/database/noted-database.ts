import { Subject } from 'rxjs';
import { createDatabase } from '../../../src/database/database.js';
import type { Env } from '../../../src/env/env.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import type { Kernel } from '../../../src/kernel/kernel.js';
import { silentLog } from '../../../src/testing/silent-log.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';

interface Options {
  readonly seeds?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly schemas?: Parameters<typeof createDatabase>[0]['schemas'];
}

/** The database of a node `rx`, on a kernel that only notes what is sent. Nodes of rxmp begin with rx. */
export function createNoted({ seeds = [], limits = {}, schemas = {} }: Options = {}) {
  const clock = new VirtualClock();
  const sent: (readonly [string, ...unknown[]])[] = [];
  const noted: unknown[] = [];
  const up = new Map<string, string | undefined>();
  const closed$ = new Subject<void>();
  const monitored = new Map<string, () => void>();
  const ports: { current?: { readonly id: string } } = {};
  const env = { clock, limits: { ...defaultLimits, ...limits }, log: { ...silentLog, info: (_: object, text: string) => noted.push(text) } } as unknown as Env;
  const kernel = {
    ...{ id: 'rx', env, closed$, ports },
    queue: { run: (task: () => void) => { task(); }, later: (task: () => void) => { clock.soon(task); } },
    peers: {
      isUp: (node: string) => up.has(node),
      up: () => [...up.keys()],
      linkTo: (node: string) => (up.has(node) ? { peer: { keys: new Map(up.get(node) === undefined ? [] : [[RUN_KEY, up.get(node)]]) } } : undefined),
      get: (node: string) => ({ send: (_: string, message: readonly unknown[]) => sent.push([node, ...message]) }),
      blame: (node: string, why: string) => noted.push(`blamed ${node}: ${why}`),
    },
    monitor(id: string, { fire }: { fire(): void }) {
      monitored.set(id, fire);
      return () => monitored.delete(id);
    },
  } as unknown as Kernel;
  const database = createDatabase({
    ...{ env, kernel, schemas },
    seedNodes: () => seeds,
    isAttached: () => false, hasSeeds: () => seeds.length > 0,
    relay: true,
    keep: (node) => noted.push(`keep ${node}`),
    drop: (node) => noted.push(`drop ${node}`),
  });
  return {
    ...{ database, clock, ports, monitored, closed$ },
    node: database.functions,
    /** A connection comes; nodes of rxmp say what their run is. */
    up(node: string, run: string | undefined = node.startsWith('rx') ? 'run 1' : undefined): void {
      up.set(node, run);
      database.nodeChanged({ node, up: true } as never);
    },
    down(node: string): void {
      up.delete(node);
      database.nodeChanged({ node, up: false } as never);
    },
    says: (node: string, tag: string, ...args: readonly unknown[]) => database.requests.handle(node, tag, args),
    /** What was sent until the turn ended, since the last look. */
    sent(): readonly unknown[] {
      clock.runFor(0);
      return sent.splice(0);
    },
    noted: () => noted.splice(0),
    close(): void {
      database.close();
      closed$.next();
    },
  };
}

export type Noted = ReturnType<typeof createNoted>;

/** A node whose master is `m`. */
export function slaveOf(m: string, options: Omit<Options, 'seeds'> = {}) {
  const made = createNoted({ ...options, seeds: [m] });
  made.database.start([], false);
  made.up(m);
  made.sent();
  return made;
}
