import { AsyncSubject } from 'rxjs';
import { afterwards } from '../env/afterwards.js';
import type { Env } from '../env/env.js';
import { reasonOf, signalOf } from '../env/signal.js';
import { deadline } from '../env/time.js';
import { NodeClosed } from '../kernel/errors.js';
import type { OnAbort } from '../kernel/guard.js';
import { owned } from '../kernel/owned.js';
import { logged } from '../kernel/unhandled.js';
import { attach, type AttachContext } from '../network/attach/attach.js';
import type { NodeWorker, SpawnWorkerOptions, WorkerEnd, WorkerPlatform, WorkerSource } from './types.js';

/** A worker that has not ended. */
export interface Running {
  readonly name: string | undefined;
  terminate(): Promise<void>;
}

export interface SpawnContext {
  /** The id of this node. */
  readonly id: string;
  readonly env: Env;
  readonly platform: Pick<WorkerPlatform, 'startWorker'>;
  readonly attaching: AttachContext;
  readonly running: Set<Running>;
  /** Says which node has a name; the result takes it back. */
  register(name: string, node: string): () => void;
  isClosed(): boolean;
  readonly onAbort: OnAbort;
}

/** Starts a worker and attaches it; resolves when its node is connected (V19). */
export async function spawnWorker(source: WorkerSource, options: SpawnWorkerOptions, context: SpawnContext): Promise<NodeWorker> {
  const { id, env, running, attaching } = context;
  const { name, trusted = true, member = true, worker = {} } = options;
  const title = name ?? titleOf(source);
  const signal = signalOf(options);
  signal?.throwIfAborted();
  if (name !== undefined && [...running].some((one) => one.name === name)) throw new TypeError(`a worker "${name}" runs already: each needs its own name`);
  const thread = isThread(source) ? source : await context.platform.startWorker(source, worker);
  if (context.isClosed()) {
    await thread.terminate();
    throw new NodeClosed(id);
  }
  if (signal?.aborted === true) {
    await thread.terminate();
    throw reasonOf(signal);
  }

  return new Promise((resolve, reject) => {
    const ended$ = new AsyncSubject<WorkerEnd>();
    let isUp = false;
    let failure: unknown;
    let unregister = (): void => undefined;

    const refuse = (reason: string): void => {
      reject(context.isClosed() ? new NodeClosed(id) : new Error(`worker ${title}: ${reason}`, { cause: failure }));
    };
    const cancel = deadline(env.clock, attaching.monitorTimeout, () => {
      refuse(`its node has not answered within ${attaching.monitorTimeout} ms: does it call createNode({ attach: ['parent'] })?`);
      void terminate();
    });
    const attachment = attach(attaching, {
      ...{ port: thread, kind: 'worker', name: title, seed: false, trusted, member },
      linked(node) {
        if (isUp) return;
        isUp = true;
        cancel();
        if (name !== undefined) unregister = context.register(name, node);
        resolve({ node, name, ended$: owned(ended$.pipe(afterwards(env.clock)), logged(env.log, 'ended$')), terminate, [Symbol.asyncDispose]: terminate });
      },
      failed(error) {
        failure = error;
        const text = error instanceof Error ? error.message : String(error);
        if (isUp) env.log.error({ err: error, worker: title }, `worker ${title} has failed: ${text}`);
        else {
          refuse(text);
          void terminate();
        }
      },
      gone(reason) {
        running.delete(own);
        forget?.();
        cancel();
        unregister();
        refuse(reason);
        ended$.next({ reason, ...(failure !== undefined && { error: failure }) });
        ended$.complete();
      },
    });
    const terminate = async (): Promise<void> => {
      // browsers tell nobody
      attachment.lost('it was terminated');
      await thread.terminate();
    };
    const own: Running = { name, terminate };
    running.add(own);
    const forget = signal && context.onAbort(signal, () => {
      reject(reasonOf(signal));
      void terminate();
    });
  });
}

const isThread = (source: WorkerSource): source is Exclude<WorkerSource, string | URL> => typeof source === 'object' && 'terminate' in source;

/** The name of its file. */
function titleOf(source: WorkerSource): string {
  return isThread(source) ? 'without a name' : (/([^/\\]*)$/.exec(String(source).replace(/[?#].*$/, ''))?.[1] ?? '');
}
