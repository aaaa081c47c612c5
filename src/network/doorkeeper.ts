import type { Env } from '../env/env.js';
import { ipv6Groups } from '../transport/ipv6.js';

/** How many more connections an address may open, as of a time. */
interface Bucket {
  left: number;
  time: number;
}

export type Doorkeeper = ReturnType<typeof createDoorkeeper>;

/**
 * Bounds what those who have not authenticated can cost: connections in their handshake, in all and of one address, and new
 * ones a second. Who is over a limit is refused unheard.
 */
export function createDoorkeeper({ clock, limits }: Pick<Env, 'clock' | 'limits'>) {
  const { pendingHandshakes, addressHandshakes, handshakeRate, handshakeBurst } = limits;
  /** How long an empty bucket takes to be full, which is as good as no bucket: then it may be forgotten. */
  const refill = (handshakeBurst / handshakeRate) * 1000;
  const pending = new Map<string, number>();
  let total = 0;
  let buckets = new Map<string, Bucket>();
  /** Buckets that nobody has asked for since the last change. */
  let older = new Map<string, Bucket>();
  let changed = clock.monotonic();

  const bucketOf = (place: string, now: number): Bucket => {
    if (now - changed >= refill) {
      older = now - changed >= 2 * refill ? new Map<string, Bucket>() : buckets;
      buckets = new Map();
      changed = now;
    }
    const bucket = buckets.get(place) ?? older.get(place) ?? { left: handshakeBurst, time: now };
    buckets.set(place, bucket);
    return bucket;
  };

  const take = (place: string): boolean => {
    const now = clock.monotonic();
    const bucket = bucketOf(place, now);
    bucket.left = Math.min(handshakeBurst, bucket.left + (Math.max(0, now - bucket.time) / 1000) * handshakeRate);
    bucket.time = now;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  };

  return {
    /** A connection comes in: what to call once when its handshake is over, or in words why it is refused. */
    enter(remoteAddress: string): (() => void) | string {
      const place = placeOf(remoteAddress);
      const here = pending.get(place) ?? 0;
      if (total >= pendingHandshakes) return `${total} connections are in their handshake (limits.pendingHandshakes)`;
      if (here >= addressHandshakes) return `${here} connections of ${place} are in their handshake (limits.addressHandshakes)`;
      if (!take(place)) return `${place} connects more than ${handshakeRate} times a second (limits.handshakeRate, handshakeBurst)`;
      total++;
      pending.set(place, here + 1);
      return () => {
        total--;
        const left = (pending.get(place) ?? 0) - 1;
        if (left > 0) pending.set(place, left);
        else pending.delete(place);
      };
    },
    /** Addresses that something is remembered of. */
    get remembered() {
      return new Set([...pending.keys(), ...buckets.keys(), ...older.keys()]).size;
    },
  };
}

/** How many of the eight groups of an IPv6 address name a network: the rest is for one customer to choose. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one address: the host without its port, of IPv6 the first 64 bits, of anything else (`memory://a`) all.
 *
 * @example placeOf('[2001:db8::5:6]:4040'); // '2001:db8:0:0::/64'
 */
export function placeOf(remoteAddress: string): string {
  const [, v6] = /^\[([0-9a-f:.]+)(?:%.*)?\]:\d+$/i.exec(remoteAddress) ?? [];
  const groups = v6 === undefined ? undefined : ipv6Groups(v6);
  if (groups === undefined) return remoteAddress.replace(/:\d+$/, '');
  return `${groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16)).join(':')}::/64`;
}
