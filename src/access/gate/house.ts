import { Observable, Subscription } from 'rxjs';
import { createBroadcast } from '../../env/broadcast.js';
import { createTally } from '../../env/tally.js';
import { deadline } from '../../env/time.js';
import { timeOfDay } from '../../env/time-of-day.js';
import type { GuestGate } from '../../network/guests.js';
import { viaDuplex } from '../../network/relay/via.js';
import type { Refusal } from '../../transport/authenticate.js';
import { placeOf } from '../../transport/place.js';
import { RUN_KEY } from '../../transport/handshake.js';
import { isNodeId } from '../../wire/node-id.js';
import type { GuestIdentity } from '../core/identity.js';
import { readRights } from '../core/read-rights.js';
import { portFamilies, union, type Right } from '../core/rights.js';
import { createAsk } from './ask.js';
import { createFamilies, type Families } from './families.js';
import type { Roster } from './roster.js';
import { createShifts } from './shifts.js';
import { createUsers } from './users.js';
import { createSession, type GuestCounts, type Session, type SessionContext } from './session.js';
import type { Admission, GuestsOption, GuestVisit } from './types.js';

/** A guest that is in, for programs (G7). */
export interface GuestHandle {
  /** Its node id. */
  readonly id: string;
  /** Who it is, as `admit` has said. */
  readonly user: string;
  readonly remoteAddress: string;
  /** When it came, as `Date.now()` has it, ms. */
  readonly since: number;
  /** When its rights end, ms; undefined: never. */
  readonly expires: number | undefined;
  /** What it may do now. */
  readonly may: readonly Right[];
  readonly counts: GuestCounts;
  /** Allows more, from now on. */
  grant(...rights: readonly Right[]): void;
  /** Takes back rights that are equal to these. What it has set by them goes, what it watches by them ends. */
  revoke(...rights: readonly Right[]): void;
}

export interface HouseContext extends Omit<SessionContext, 'families' | 'world' | 'shifts' | 'user' | 'renew' | 'expired'> {
  readonly option: GuestsOption;
  readonly watch: Parameters<typeof createFamilies>[0];
  /** Whether there is such a node, as far as this one knows. */
  isNode(text: string): boolean;
  readonly roster: Roster;
}

/** Why a guest is sent away, where nobody says it. */
const REVOKED = 'the gate has sent you away';

/** Who was let in, but has no connection yet. */
interface Expected {
  readonly admission: Admission;
  readonly visit: GuestVisit;
  readonly key: string;
  readonly ends: Subscription;
}

interface Inside {
  readonly session: Session;
  readonly visit: GuestVisit;
  readonly handle: GuestHandle;
}

export type House = ReturnType<typeof createHouse>;

/** All guests of a gate: who is let in, and who is in. */
export function createHouse({ option, watch, isNode, roster, ...context }: HouseContext) {
  const { env, gate } = context;
  const { limits, clock } = env;
  const families: Families = createFamilies(watch);
  const expected = new Map<string, Expected>();
  const inside = new Map<string, Inside>();
  const users = createUsers(env);
  const shifts = createShifts(clock);
  const places = createTally();
  const changes = createBroadcast<readonly GuestHandle[]>();
  const ask = createAsk(option, env);
  const world = { gate, isNode, isKey: families.has, hasPortOf: families.hasPortOf };

  const those = (who: string): readonly Inside[] => [...inside.values()].filter(({ session: { guest } }) => guest.id === who || guest.user === who);
  const handles = (): readonly GuestHandle[] => Array.from(inside.values(), ({ handle }) => handle);
  const changed = (): void => {
    clock.soon(() => {
      if (changes.observed) changes.next(handles());
    });
  };

  const refuse = (text: string): Refusal => ({ code: 'guest', text });

  /** Who would be one too many. */
  const objection = (user: string, remoteAddress: string): string | undefined => {
    const place = placeOf(remoteAddress);
    const { guests } = users.of(user);
    if (guests.size >= limits.userGuests) return `this user is here ${guests.size} times already (limits.userGuests)`;
    return places.of(place) >= limits.addressGuests ? `there are ${places.of(place)} guests of ${place} already (limits.addressGuests)` : undefined;
  };

  /** Families that rights are about have to be known before they are asked for. */
  const prepare = (rights: readonly Right[], ready: (ends: Subscription) => void): void => {
    const ends = new Subscription();
    const needed = portFamilies(rights);
    let left = needed.length + 1;
    const known = (): void => { if (--left === 0) ready(ends); };
    for (const family of needed) ends.add(families.keep(family, known));
    known();
  };

  const enter = (session: Session, { visit, admission: { user } }: Expected): void => {
    const { id } = session.guest;
    const since = timeOfDay(clock);
    const handle: GuestHandle = {
      ...{ id, user, since, remoteAddress: visit.remoteAddress },
      get expires() { return session.expires; },
      get may() { return session.rights; },
      get counts() { return session.counts(); },
      grant: (...rights) => { session.setRights(union(session.rights, readRights(rights)), session.expires); },
      revoke: (...rights) => {
        const gone = new Set(rights.map((right) => JSON.stringify(right)));
        session.setRights(session.rights.filter((right) => !gone.has(JSON.stringify(right))), session.expires);
      },
    };
    inside.set(id, { session, visit, handle });
    places.add(placeOf(visit.remoteAddress), 1);
    roster.add(id, { user, gate, since });
    changed();
  };

  const renew = (session: Session, visit: GuestVisit, credentials: string): void => {
    const number = session.renewals();
    ask(credentials, visit, (result) => {
      // the last ones count, whichever are judged last
      if (inside.get(session.guest.id)?.session !== session || number !== session.renewal) return;
      if (typeof result === 'string') session.refuseRenewal(result);
      else if (result.user !== session.guest.user) session.refuseRenewal(`these are credentials of ${result.user}, not of ${session.guest.user}`);
      else session.renewed(result);
    });
  };

  const guestGate: GuestGate = {
    admit(peer, { key, credentials }, { remoteAddress, origin }, answer) {
      const visit: GuestVisit = { guest: peer.node, remoteAddress, origin };
      ask(credentials, visit, (result) => {
        if (typeof result === 'string') {
          answer(refuse(result));
          return;
        }
        prepare(result.may, (ends) => {
          const refused = (reason: string): void => {
            forget(peer.node, ends);
            answer(refuse(reason));
          };
          const letIn = (): void => {
            const reason = objection(result.user, remoteAddress);
            if (reason === undefined) answer('admit');
            else refused(reason);
          };
          const wait = users.visit(result.user, limits.handshakeTime / 2);
          if (wait === undefined) {
            refused('guests of this user come too often (limits.userVisitRate)');
            return;
          }
          // its families are kept until it has a connection, which keeps them itself; it may never have one
          ends.add(deadline(clock, limits.handshakeTime, () => { forget(peer.node, ends); }));
          expected.get(peer.node)?.ends.unsubscribe();
          expected.set(peer.node, { admission: result, visit, key, ends });
          if (wait === 0) letIn();
          else ends.add(deadline(clock, wait, letIn));
        });
      });
    },
    adopt(link) {
      const { node: id } = link;
      const known = expected.get(id);
      // it was let in just now
      if (known === undefined) {
        link.close('nobody has let it in');
        return link;
      }
      const user = users.of(known.admission.user);
      const session: Session = createSession({ id, key: known.key, run: link.peer.keys.get(RUN_KEY) ?? id, user: user.name }, link, known.admission, {
        ...context,
        ...{ families, world, shifts, user },
        renew: (credentials) => { renew(session, known.visit, credentials); },
        expired: () => { session.dismiss('expired', 'the credentials have expired'); },
      });
      users.enter(user, session.member);
      enter(session, known);
      link.closed$.subscribe(() => {
        if (inside.get(id)?.session === session) inside.delete(id);
        users.leave(user, session.member);
        places.add(placeOf(known.visit.remoteAddress), -1);
        session.close();
        if (!inside.has(id)) roster.remove(id);
        changed();
      });
      clock.soon(() => { forget(id, known.ends); });
      return session.link;
    },
    connect(from, target, request) {
      const guest = inside.get(from);
      if (guest !== undefined) {
        if (typeof target === 'string' && isNodeId(target) && target !== gate && target !== from) guest.session.connect(target, request);
        else request.refuse('that is no other node');
        return true;
      }
      const host = typeof target === 'string' ? inside.get(target) : undefined;
      if (host === undefined) return false;
      host.session.takeIn(viaDuplex(request.accept(), from, clock));
      return true;
    },
    originOf: (guest) => inside.get(guest)?.visit.origin,
    takeIn: (guest) => inside.get(guest)?.session.takeIn,
  };

  const forget = (id: string, ends: Subscription): void => {
    ends.unsubscribe();
    if (expected.get(id)?.ends === ends) expected.delete(id);
  };

  const guests$ = new Observable<readonly GuestHandle[]>((subscriber) => {
    subscriber.next(handles());
    return changes.stream$.subscribe(subscriber);
  });

  return {
    gate: guestGate,
    guests$,
    isInside: (node: string): boolean => inside.has(node),
    identityOf(node: string): GuestIdentity | undefined {
      const user = inside.get(node)?.session.guest.user;
      return user === undefined ? undefined : { user, gate };
    },
    /** Guests by their ids or users. */
    find: (who: string): readonly GuestHandle[] => those(who).map(({ handle }) => handle),
    /** Sends guests away, by their ids or users; the result is how many. */
    revoke(who: string, reason: string = REVOKED): number {
      const gone = those(who);
      for (const { session } of gone) session.dismiss('revoked', reason);
      // who was let in just now
      for (const [id, { admission: { user }, ends }] of [...expected]) if (id === who || user === who) forget(id, ends);
      return gone.length;
    },
    close(): void {
      for (const { ends } of expected.values()) ends.unsubscribe();
      changes.complete();
    },
  };
}
