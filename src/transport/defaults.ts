import type { Env } from '../env/env.js';
import type { Transport } from './duplex.js';
import { tcpTransport } from './tcp.js';
import { webSocketTransport } from './websocket.js';

/** The transports of a node in Node.js that was given none. */
export function defaultTransports({ clock, limits }: Env): readonly Transport[] {
  return [tcpTransport({ clock }), webSocketTransport({ clock, maxPayload: limits.messageSize })];
}
