import type { Env } from '../env/env.js';
import type { Visit } from '../transport/duplex.js';
import { placeOf } from '../transport/place.js';
import { createPlaces, type Guest, type Places } from './places.js';

/** How many more connections an address may open, as of a time. */
interface Bucket {
  left: number;
  time: number;
}

interface Handshake extends Guest, Pick<Visit, 'evict'> {}

export type Doorkeeper = ReturnType<typeof createDoorkeeper>;

/** Who has been here for that long, ms, makes room for somebody of an address that is as quiet as his. A handshake takes less. */
const FAIR_TIME = 1_000;

/**
 * Bounds what those who have not authenticated can cost: connections in their handshake, in all and of one address, and new
 * ones a second. Who is over a limit is refused unheard.
 *
 * Two addresses must not keep all others out. So when all places are taken, the busiest address loses its oldest one to
 * somebody of a quieter address.
 */
export function createDoorkeeper({ clock, limits }: Pick<Env, 'clock' | 'limits'>) {
  const { pendingHandshakes, addressHandshakes, handshakeRate, handshakeBurst } = limits;
  /** How long an empty bucket takes to be full, which is as good as no bucket: then it may be forgotten. */
  const refill = (handshakeBurst / handshakeRate) * 1000;
  /** By listener. */
  const rooms = new Map<object, Places<Handshake>>();
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

  const take = (place: string, now: number): boolean => {
    const bucket = bucketOf(place, now);
    bucket.left = Math.min(handshakeBurst, bucket.left + (Math.max(0, now - bucket.time) / 1000) * handshakeRate);
    bucket.time = now;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  };

  const roomOf = (listener: object): Places<Handshake> => {
    const known = rooms.get(listener);
    if (known !== undefined) return known;
    const room = createPlaces<Handshake>();
    rooms.set(listener, room);
    return room;
  };
  const sum = (count: (room: Places<Handshake>) => number): number => {
    let all = 0;
    for (const room of rooms.values()) all += count(room);
    return all;
  };

  /** Sends somebody away for a guest of a quieter address. False: there is nobody. */
  const makeRoom = (some: Iterable<Places<Handshake>>, here: number, now: number): boolean => {
    let found: { readonly room: Places<Handshake>; readonly guest: Handshake; readonly count: number } | undefined;
    for (const room of some) {
      const busiest = room.busiest();
      if (busiest !== undefined && busiest.count > (found?.count ?? 0)) found = { room, ...busiest };
    }
    if (found === undefined || found.count < here + 1) return false;
    const { room, guest, count } = found;
    if (count === here + 1 && now - guest.since < FAIR_TIME) return false;
    room.delete(guest);
    guest.evict();
    return true;
  };

  return {
    /** A connection comes in: what to call when its handshake is over, or in words why it is refused. */
    enter({ remoteAddress, isProxy = false, listener, isCrowded, evict }: Visit): (() => void) | string {
      // each connection of a proxy is as quiet as somebody who is alone at his address
      const place = isProxy ? remoteAddress : placeOf(remoteAddress);
      const now = clock.monotonic();
      const here = sum((room) => room.countOf(place));
      const total = sum((room) => room.size);
      if (here >= addressHandshakes) return `${here} connections of ${place} are in their handshake (limits.addressHandshakes)`;
      if (!isProxy && !take(place, now)) return `${place} connects more than ${handshakeRate} times a second (limits.handshakeRate, handshakeBurst)`;
      const room = roomOf(listener);
      if (isCrowded && !makeRoom([room], here, now)) return 'the listener has as many connections as it may hold (limits.connections, or the files that the process may open)';
      if (total >= pendingHandshakes && !isCrowded && !makeRoom(rooms.values(), here, now)) {
        return `${total} connections are in their handshake (limits.pendingHandshakes)`;
      }
      const guest: Handshake = { place, since: now, evict };
      room.add(guest);
      return () => { room.delete(guest); };
    },
    /** Addresses that something is remembered of. */
    get remembered() {
      return new Set([...[...rooms.values()].flatMap((room) => [...room.addresses()]), ...buckets.keys(), ...older.keys()]).size;
    },
  };
}
