import type { Observable } from 'rxjs';
import type { AttachablePort } from './channel/port/port.js';
import type { Env } from './env/env.js';
import type { Logger } from './env/log.js';
import type { Transport } from './transport/duplex.js';
import type { Transports } from './transport/node-transports.js';
import type { Upgrade } from './transport/secure.js';
import type { CredentialOptions } from './transport/tls-credentials.js';

/** A thread: of `worker_threads`, or a `Worker` of browsers. */
export interface WorkerThread extends AttachablePort {
  terminate(): unknown;
}

/** What a node takes from where it runs, unless its options say otherwise: Node.js or a browser. */
export interface Platform {
  /** The name of the host as far as a node id can hold it. */
  hostName(): string;
  /** Where warnings and errors go. */
  log(): Logger;
  /** The ways to reach other nodes. */
  transports(options: CredentialOptions & { readonly transports?: Transports | undefined }, env: Env): readonly Transport[];
  /** TLS between nodes; undefined: the options ask for none. */
  upgrade(options: CredentialOptions, env: Env): Upgrade | undefined;
  /** The port to whom has started this thread; undefined: it is the main one, or has none. */
  parentPort(): Promise<AttachablePort | undefined>;
  /** Starts a thread. `options` are those of the platform. */
  startWorker(file: string | URL, options: object): Promise<WorkerThread>;
  /** What `import()` takes for a service's module, as its user wrote it. */
  moduleOf(name: string): string;
  /** Emits when what had no connection may have one now: nobody waits any longer. Subscribed to only while something waits. */
  readonly awake$: Observable<unknown>;
}
