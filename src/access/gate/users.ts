import type { Env } from '../../env/env.js';
import { createBucket, type Bucket } from '../core/bucket.js';
import { createRates, type Rates } from './pace.js';

/** What all guests of one user at a gate share (G8). */
export interface User {
  readonly name: string;
  readonly rates: Rates;
  /** How often they come. */
  readonly visits: Bucket;
  /** How many are in. */
  guests: number;
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
    const user: User = { name, rates: createRates(limits.userMessageRate, limits.userOctetRate, now), visits: createBucket(limits.userVisitRate, now, limits.userGuests), guests: 0 };
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
    enter(user: User): void {
      user.guests++;
      gone.delete(user);
    },
    leave(user: User): void {
      if (--user.guests === 0) gone.add(user);
    },
  };
}
