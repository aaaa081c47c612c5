import type { Env } from '../env/env.js';
import type { Transport } from './duplex.js';
import type { Credentials } from './tls-credentials.js';

/**
 * The option `transports`: the transports to use besides the default ones, before them for the same schemes; with `only` there are
 * no others.
 */
export type Transports = readonly Transport[] | { readonly only: readonly Transport[] };

/** What a transport takes from the node that uses it, where its own options say nothing. */
export interface NodeDefaults extends Pick<Env, 'clock' | 'log' | 'limits'> {
  readonly tls: Credentials | undefined;
}

type ForNode = (defaults: NodeDefaults) => Transport;

// not a method: somebody who wraps a transport, `{ ...transport, connect }`, would have it undone
const makers = new WeakMap<Transport, ForNode>();

/** Gives the transport back; where a node uses it, it is what `forNode` makes of the node's certificates, limits, clock and log. */
export function adoptable(transport: Transport, forNode: ForNode): Transport {
  makers.set(transport, forNode);
  return transport;
}

/** All transports of a node, the first one of a scheme counts; each gets what it doesn't have from the node. */
export function nodeTransports(given: Transports | undefined, own: readonly Transport[], defaults: NodeDefaults): readonly Transport[] {
  const all = given === undefined ? own : 'only' in given ? given.only : [...given, ...own];
  return all.map((transport) => makers.get(transport)?.(defaults) ?? transport);
}
