import { defer, firstValueFrom, map, race, type Observable } from 'rxjs';
import { checkPort, type AttachablePort } from '../channel/port/port.js';
import type { Env } from '../env/env.js';
import { signalOf } from '../env/signal.js';
import { NodeClosed } from '../kernel/errors.js';
import { closedGuard, endedBy, Guard, type OnAbort } from '../kernel/guard.js';
import type { AttachContext } from '../network/attach/attach.js';
import type { SeedSource } from '../network/seeds.js';
import type { Running } from './spawn.js';
import { WORKERS, type AttachOptions, type NodeWorker, type SpawnWorkerOptions, type WorkerPlatform, type WorkerSource } from './types.js';

export interface WorkerContext {
  readonly id: string;
  readonly env: Env;
  readonly platform: WorkerPlatform;
  readonly attaching: AttachContext;
  dbSet(family: string, key: string, value: unknown): Guard;
  isClosed(): boolean;
  readonly onAbort: OnAbort;
  /** Emits when the node closes. */
  readonly closed$: Observable<unknown>;
}

/** A node that is not known yet. */
const awaited = (): SeedSource => ({ start: () => undefined, mayReach: () => true, hurry: () => undefined, nodes: () => [], trials: () => [], close: () => undefined });

/** What is loaded when the first port is attached, and not before. */
const loadAttach = () => import('../network/attach/attach.js');

export type WorkerFunctions = ReturnType<typeof createWorkerFunctions>;

/** Ports and workers as nodes (V18, V19). */
export function createWorkerFunctions({ id, env, platform, attaching, dbSet, isClosed, onAbort, closed$ }: WorkerContext) {
  const running = new Set<Running>();
  let ports = 0;

  const failed = (name: string) => (error: unknown): void => {
    env.log.error({ err: error, port: name }, `port ${name} has failed: ${error instanceof Error ? error.message : String(error)}`);
  };

  const attachTo = async (port: AttachablePort, seed: boolean, options: AttachOptions, guard: Guard): Promise<void> => {
    const { trusted = true, member = false, name = String(++ports) } = options;
    // whoever is wanted meanwhile may be the one
    const arrived = attaching.add(awaited(), seed);
    const { attach } = await loadAttach().finally(arrived);
    if (guard.closed || isClosed()) return;
    const attachment = attach(attaching, {
      ...{ port, kind: 'port', name, seed, trusted, member, failed: failed(name) },
      // who has the guard may have added something to it
      gone: () => { env.clock.soon(() => { guard.unsubscribe(); }); },
    });
    guard.add(() => { attachment.detach(); });
  };

  const parent = async (): Promise<AttachablePort> => {
    const port = await platform.parentPort();
    if (port !== undefined) return port;
    throw new TypeError("the option \"attach\" has 'parent': only a worker has one");
  };

  const register = (name: string, node: string): (() => void) => {
    const guard = dbSet(WORKERS, name, node);
    return () => { guard.unsubscribe(); };
  };

  const spawn = async (source: WorkerSource, options: SpawnWorkerOptions): Promise<NodeWorker> => {
    const { spawnWorker } = await import('./spawn.js');
    return spawnWorker(source, options, { id, env, platform, attaching, running, register, isClosed, onAbort });
  };

  return {
    face: {
      attach(port: AttachablePort, options: AttachOptions = {}): Guard {
        const checked = checkPort(port);
        const signal = signalOf(options);
        if (isClosed() || signal?.aborted === true) return closedGuard();
        const guard = new Guard();
        attachTo(checked, false, options, guard).catch(failed(options.name ?? ''));
        return endedBy(guard, signal, onAbort);
      },
      spawnWorker: (source: WorkerSource, options: SpawnWorkerOptions = {}): Promise<NodeWorker> =>
        firstValueFrom(race(closed$.pipe(map((): never => { throw new NodeClosed(id); })), defer(() => spawn(source, options)))),
    },
    /** Attaches what the option `attach` names: the seeds of this node, beside others. */
    async start(given: readonly (AttachablePort | 'parent')[]): Promise<void> {
      for (const port of given) await attachTo(port === 'parent' ? await parent() : port, true, {}, new Guard());
    },
    /** Ends all workers. */
    async close(): Promise<void> {
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}
