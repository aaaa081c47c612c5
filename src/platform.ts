import type { Observable } from 'rxjs';
import type { Env } from './env/env.js';
import type { Logger } from './env/log.js';
import type { LifeEvent } from './network/life/core/life.js';
import type { Transport } from './transport/duplex.js';
import type { Transports } from './transport/node-transports.js';
import type { Upgrade } from './transport/secure.js';
import type { CredentialOptions } from './transport/tls-credentials.js';
import type { WorkerPlatform } from './workers/types.js';

/** What a node takes from where it runs, unless its options say otherwise: Node.js or a browser. */
export interface Platform extends WorkerPlatform {
  /** The name of the host as far as a node id can hold it. */
  hostName(): string;
  /** Where warnings and errors go. */
  log(): Logger;
  /** The ways to reach other nodes. */
  transports(options: CredentialOptions & { readonly transports?: Transports | undefined }, env: Env): readonly Transport[];
  /** TLS between nodes; undefined: the options ask for none. */
  upgrade(options: CredentialOptions, env: Env): Upgrade | undefined;
  /** What `import()` takes for a service's module, as its user wrote it. */
  moduleOf(name: string): string;
  /** Whether an address is that of the server that the page has come from. */
  isOwnOrigin?(address: string): boolean;
  /** What a page is told of itself and of its network (A3); undefined: nobody tells. Subscribed to while a node is there. */
  readonly life$?: Observable<LifeEvent>;
}
