import type { Env } from '../env/env.js';
import type { Transport } from './duplex.js';
import type { Upgrade } from './secure.js';
import { tcpTransport } from './tcp.js';
import { createTlsUpgrade } from './tls.js';
import { readCredentials, type CredentialOptions } from './tls-credentials.js';
import { webSocketTransport } from './websocket.js';

/** The transports of a node in Node.js that was given none. */
export function defaultTransports(options: CredentialOptions, { clock, limits }: Env): readonly Transport[] {
  const tls = readCredentials(options);
  return [tcpTransport({ clock }), webSocketTransport({ clock, maxPayload: limits.messageSize, tls })];
}

/** TLS between nodes, for a node in Node.js that has a certificate. */
export function defaultUpgrade(options: CredentialOptions, { clock }: Env): Upgrade | undefined {
  const tls = readCredentials(options);
  return tls?.own === undefined ? undefined : createTlsUpgrade({ ...tls, own: tls.own }, { clock });
}
