import type { NodeDefaults, Transport } from './duplex.js';

/**
 * The option `transports`: the transports to use besides the default ones, before them for the same schemes; with `only` there are
 * no others.
 */
export type Transports = readonly Transport[] | { readonly only: readonly Transport[] };

/** All transports of a node, the first one of a scheme counts; each gets what it doesn't have from the node. */
export function nodeTransports(given: Transports | undefined, own: readonly Transport[], defaults: NodeDefaults): readonly Transport[] {
  const all = given === undefined ? own : 'only' in given ? given.only : [...given, ...own];
  return all.map((transport) => transport.forNode?.(defaults) ?? transport);
}
