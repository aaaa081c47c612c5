import type { Limits } from '../../env/limits.js';
import type { Entries, Shard } from '../../wire/database.js';
import { ProtocolError } from '../../wire/errors.js';
import { sizeOf } from './values.js';

/** What one origin says of one key, and who else holds it: a list, the visible one first (D2). */
export interface Claim {
  readonly origin: Origin;
  value: unknown;
  /** Which setting it is from, of those of this node: so that a guard takes back only its own (S33). */
  stamp: number;
  next: Claim | undefined;
}

/** Somebody whose shard is merged (D1): this node, a slave, or a peer global with what its slaves hold. */
export interface Origin {
  readonly node: string;
  /** A slave of this global node, or itself: what the other globals are told of (D3). */
  own: boolean;
  /** A slave that has become global: it tells the same itself, but others may not have heard that yet (S28). */
  vouched: boolean;
  readonly claims: Map<string, Map<string, Claim>>;
  keys: number;
  octets: number;
}

export type ShardLimits = Pick<Limits, 'shardFamilies' | 'shardKeys' | 'shardOctets'>;

export function createOrigin(node: string, own: boolean): Origin {
  return { node, own, vouched: false, claims: new Map(), keys: 0, octets: 0 };
}

export const sizeOfEntry = (key: string, value: unknown): number => key.length + sizeOf(value);

/** How much is in a shard. */
export interface Amount {
  readonly families: number;
  readonly keys: number;
  readonly octets: number;
}

/** What of the limits of so many shards an amount is beyond, in words; undefined: nothing. */
export function beyond({ families, keys, octets }: Amount, limits: ShardLimits, shards = 1): string | undefined {
  const { shardFamilies, shardKeys, shardOctets } = limits;
  const times = shards === 1 ? '' : `, and limits.peerShards ${shards}`;
  if (families > shardFamilies * shards) return `${families} families: limits.shardFamilies is ${shardFamilies}${times}`;
  if (keys > shardKeys * shards) return `${keys} keys: limits.shardKeys is ${shardKeys}${times}`;
  return octets > shardOctets * shards ? `${octets} octets: limits.shardOctets is ${shardOctets}${times}` : undefined;
}

/** What is to become of an origin's shard. */
export interface Planned {
  readonly set: Shard;
  readonly del?: readonly [family: string, keys: readonly string[]];
}

/**
 * Throws {@link ProtocolError} when a shard would outgrow its limits, and changes nothing (D9). A global node, which tells of
 * all its slaves, may have `shards` times as much.
 */
export function checkQuota(origin: Origin, planned: Planned, limits: ShardLimits, shards = 1): void {
  // what is there already is looked up only if it matters
  if (beyond(most(origin, planned.set), limits, shards) === undefined) return;
  const excess = beyond(exactly(origin, planned), limits, shards);
  if (excess !== undefined) throw new ProtocolError(`the shard of ${origin.node} would have ${excess}`);
}

/** As if all that is set were new. */
function most(origin: Origin, set: Shard): Amount {
  let { keys, octets } = origin;
  for (const entries of set.values()) {
    keys += entries.size;
    for (const [key, value] of entries) octets += sizeOfEntry(key, value);
  }
  return { families: origin.claims.size + set.size, keys, octets };
}

/** How much a shard would have. */
export function exactly(origin: Origin, { set, del }: Planned): Amount {
  let families = origin.claims.size;
  let { keys, octets } = origin;
  for (const [family, entries] of set) {
    const held = origin.claims.get(family);
    if (held === undefined && entries.size > 0) families++;
    [keys, octets] = grown(held, entries, keys, octets);
  }
  const [family = '', gone = []] = del ?? [];
  for (const key of gone) {
    const claim = origin.claims.get(family)?.get(key);
    if (claim === undefined || set.get(family)?.has(key) === true) continue;
    keys--;
    octets -= sizeOfEntry(key, claim.value);
  }
  return { families, keys, octets };
}

function grown(held: ReadonlyMap<string, Claim> | undefined, entries: Entries, keys: number, octets: number): [number, number] {
  for (const [key, value] of entries) {
    octets += sizeOfEntry(key, value);
    const claim = held?.get(key);
    if (claim === undefined) keys++;
    else octets -= sizeOfEntry(key, claim.value);
  }
  return [keys, octets];
}
