import type { Env } from '../../env/env.js';
import type { Held, HeldName } from '../core/allowance.js';
import { createBucket, type Bucket } from '../core/bucket.js';
import { createRates, type Rates } from './pace.js';

/** What one guest of a user holds. */
export interface Member {
  readonly held: Held;
  /** It may not send any more to the port that it was told of first; false: there is none. */
  forgetFirst(): boolean;
}

/** What all guests of one user at a gate share (G8). */
export interface User {
  readonly name: string;
  readonly rates: Rates;
  /** How often they come. */
  readonly visits: Bucket;
  /** Those that are in. */
  readonly guests: Set<Member>;
}

const sum = (guests: Iterable<Member>, name: HeldName): number => {
  let total = 0;
  for (const { held } of guests) total += held[name];
  return total;
};

/** What other guests of its user hold than this one. */
export const heldByOthers = ({ guests }: User, one: Member, name: HeldName): number => sum(guests, name) - (guests.has(one) ? one.held[name] : 0);

/** Of more ports than all guests of a user may have been told of those are forgotten that the one with the most was told of first; the result is how many. */
export function forgetPorts({ guests }: User, most: number): number {
  let over = sum(guests, 'ports') - most;
  let forgotten = 0;
  for (; over > 0; over--) {
    const [fullest] = [...guests].sort((a, b) => b.held.ports - a.held.ports);
    if (fullest?.forgetFirst() === true) forgotten++;
  }
  return forgotten;
}

export type Users = ReturnType<typeof createUsers>;

/** The users whose guests are in, or were a moment ago: who goes and comes again has spent what he has spent. */
export function createUsers({ clock, limits }: Pick<Env, 'clock' | 'limits'>) {
  const users = new Map<string, User>();
  /** Those of whom no guest is in, in the order in which they went. */
  const gone = new Set<User>();

  const forget = (now: number): void => {
    for (const user of gone) {
      if (![user.visits, ...user.rates.buckets].every((bucket) => bucket.isFull(now))) return;
      gone.delete(user);
      users.delete(user.name);
    }
  };

  const of = (name: string): User => {
    const now = clock.monotonic();
    forget(now);
    const known = users.get(name);
    if (known !== undefined) return known;
    const user: User = { name, rates: createRates(limits.userMessageRate, limits.userOctetRate, now), visits: createBucket(limits.userVisitRate, now, limits.userGuests), guests: new Set() };
    users.set(name, user);
    gone.add(user);
    return user;
  };

  return {
    of,
    /** One more comes; the result is how long it has to wait, ms, so that they come no faster than they may. Undefined: for longer than `most`. */
    visit(name: string, most: number): number | undefined {
      const { visits } = of(name);
      const due = visits.take(1, clock.monotonic());
      if (due <= most) return due;
      visits.take(-1, clock.monotonic());
      return undefined;
    },
    enter(user: User, guest: Member): void {
      user.guests.add(guest);
      gone.delete(user);
    },
    leave(user: User, guest: Member): void {
      user.guests.delete(guest);
      if (user.guests.size === 0) gone.add(user);
    },
  };
}
