import { viaAddress } from '../../transport/address.js';

/** The relays that a node has told of, in its value of the family of relays. */
export function relaysOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((relay) => typeof relay === 'string') : [];
}

/** The address of a node behind relays, if there are any: one for all, since they are tried together (V7). */
export function relayAddresses(node: string, relays: readonly string[]): readonly string[] {
  return relays.length === 0 ? [] : [`${viaAddress([...new Set(relays)].join(','))}#${node}`];
}
