import type { Observable } from 'rxjs';
import type { AttachablePort } from '../channel/port/port.js';
import type { SignalOptions } from '../env/signal.js';

/** A thread: of `worker_threads`, or a `Worker` of browsers. */
export interface WorkerThread extends AttachablePort {
  terminate(): unknown;
}

/** How threads are made where a node runs. */
export interface WorkerPlatform {
  /** The port to whom has started this thread; undefined: it is the main one, or has none. */
  parentPort(): Promise<AttachablePort | undefined>;
  /** Starts a thread. `options` are those of the platform. */
  startWorker(file: string | URL, options: object): Promise<WorkerThread>;
}

/** Options of `attach`. */
export interface AttachOptions extends SignalOptions {
  /**
   * False: the other end is code of somebody else. Its connection has `trusted: false`, and no secret is given to it, whatever `member` says.
   * On a gate it has to be a guest, with credentials (guests.md).
   * Default: true, since the port was handed over.
   */
  readonly trusted?: boolean | undefined;
  /**
   * Gives the other end the secret of this node, if it has none of its own: it is a member of the network then, which others reach
   * through this node (V5). Default: false.
   */
  readonly member?: boolean | undefined;
  /** What the log, and `remoteAddress` of the connection, call it. Default: a number. */
  readonly name?: string | undefined;
}

/** Options of `spawnWorker`. */
export interface SpawnWorkerOptions extends SignalOptions {
  /** The worker's key in the family `workers`, whose value is its node id. One name is that of one worker at a time. */
  readonly name?: string | undefined;
  readonly trusted?: boolean | undefined;
  /** As of `attach`, but by default true: the worker is a part of this program. */
  readonly member?: boolean | undefined;
  /** For the platform, which makes the worker: `{ workerData, env, resourceLimits }`, or `{ type: 'classic' }` in browsers. */
  readonly worker?: object | undefined;
}

/** How a worker has ended. */
export interface WorkerEnd {
  /** For people. */
  readonly reason: string;
  /** What its code has thrown at last, if it did. */
  readonly error?: unknown;
}

/** A worker that this node has started. */
export interface NodeWorker {
  /** The id of its node. */
  readonly node: string;
  readonly name: string | undefined;
  /** One value when it has ended, also to those who ask later; never an error. */
  readonly ended$: Observable<WorkerEnd>;
  /** Ends it at once: monitors fire. Resolves when it has ended. */
  terminate(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A file that a worker runs, or a worker that was made already, by a bundler's rules for instance. */
export type WorkerSource = string | URL | WorkerThread;

/** The family of workers that have a name. */
export const WORKERS = 'workers';
