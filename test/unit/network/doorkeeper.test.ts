import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { createDoorkeeper } from '../../../src/network/doorkeeper.js';
import { createPlaces, type Guest } from '../../../src/network/places.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { seeded } from '../../fixtures/chunking.js';

const WIDE = { handshakeRate: 1_000_000, handshakeBurst: 1_000_000 };

/** A doorkeeper, and who is in his handshake. */
function createHouse(limits: Partial<Limits>) {
  const clock = new VirtualClock();
  // no time is 0
  clock.runFor(7_777);
  const doorkeeper = createDoorkeeper({ clock, limits: { ...defaultLimits, ...WIDE, ...limits } });
  const listeners = { one: {}, other: {} };
  const inside: { readonly host: string; readonly id: number; readonly leave: () => void }[] = [];
  let next = 0;
  return {
    clock, inside, doorkeeper,
    /** Gives why he was refused; undefined: he is in. */
    enter(host: string, { at = 'one', isCrowded = false }: { readonly at?: 'one' | 'other'; readonly isCrowded?: boolean } = {}): string | undefined {
      const id = next++;
      const evict = (): void => { inside.splice(inside.findIndex((guest) => guest.id === id), 1); };
      const leave = doorkeeper.enter({ remoteAddress: `${host}:${id}`, listener: listeners[at], isCrowded, evict });
      if (typeof leave === 'string') return leave;
      inside.push({ host, id, leave });
      return undefined;
    },
    countOf: (host: string) => inside.filter((guest) => guest.host === host).length,
  };
}

describe('when all places are taken', () => {
  it('the busiest address loses its oldest one to a quieter address', () => {
    const { enter, inside, countOf } = createHouse({ pendingHandshakes: 10 });
    for (let i = 0; i < 6; i++) enter('10.0.0.1');
    for (let i = 0; i < 4; i++) enter('10.0.0.2');
    expect(enter('10.0.0.3')).toBeUndefined();
    expect(inside.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // until all have as many
    for (let i = 0; i < 10; i++) enter('10.0.0.3');
    expect(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(countOf).sort()).toEqual([3, 3, 4]);
  });

  it('an address that has the most is refused', () => {
    const { enter, countOf } = createHouse({ pendingHandshakes: 5 });
    for (let i = 0; i < 4; i++) enter('10.0.0.1');
    enter('10.0.0.2');
    expect(enter('10.0.0.1')).toBe('5 connections are in their handshake (limits.pendingHandshakes)');
    expect(countOf('10.0.0.2')).toBe(1);
  });

  it('who has been there for a second makes room for an address that is as quiet', () => {
    const { enter, inside, clock } = createHouse({ pendingHandshakes: 3 });
    for (const host of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) enter(host);
    clock.runFor(999);
    expect(enter('10.0.0.4')).toContain('limits.pendingHandshakes');
    clock.runFor(1);
    expect(enter('10.0.0.4')).toBeUndefined();
    expect(inside.map(({ host }) => host)).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4']);
  });

  it('two addresses that hold all places keep nobody out, however often they come again', () => {
    const { enter, clock, countOf } = createHouse({ pendingHandshakes: 1_000, addressHandshakes: 500 });
    let refused = 0;
    for (let ms = 0; ms < 3_000; ms++) {
      enter('10.0.0.1');
      enter('10.0.0.2');
      if (ms % 100 === 99 && enter('10.0.0.3') !== undefined) refused++;
      clock.runFor(1);
    }
    expect([refused, countOf('10.0.0.3')]).toEqual([0, 30]);
  });

  it('a listener that holds as many connections as it may takes a place of its own, not of another one', () => {
    const { enter, inside } = createHouse({ pendingHandshakes: 100 });
    for (let i = 0; i < 5; i++) enter('10.0.0.1', { at: 'other' });
    for (let i = 0; i < 2; i++) enter('10.0.0.2');
    expect(enter('10.0.0.3', { isCrowded: true })).toBeUndefined();
    expect(inside.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 6, 7]);
    inside.find(({ id }) => id === 6)?.leave();
    inside.find(({ id }) => id === 7)?.leave();
    // only authenticated ones are left
    expect(enter('10.0.0.3', { isCrowded: true })).toMatch(/^the listener has as many connections as it may hold/);
  });

  it('who left, or made room, leaves once', () => {
    const { enter, inside, clock } = createHouse({ pendingHandshakes: 2 });
    enter('10.0.0.1');
    enter('10.0.0.1');
    const [oldest] = inside;
    enter('10.0.0.2');
    oldest?.leave();
    expect(enter('10.0.0.3')).toContain('limits.pendingHandshakes');
    clock.runFor(2_000);
    expect(enter('10.0.0.3')).toBeUndefined();
  });
});

describe('an address that connects again and again', () => {
  const RATE = { handshakeRate: 10, handshakeBurst: 5 };
  /** How many of so many get in. */
  const admitted = ({ enter }: ReturnType<typeof createHouse>, count: number, host = '10.0.0.1'): number =>
    Array.from({ length: count }, () => enter(host)).filter((refusal) => refusal === undefined).length;

  it('may do so limits.handshakeBurst times at once, then limits.handshakeRate times a second, which adds up to the burst', () => {
    const house = createHouse(RATE);
    expect(admitted(house, 10)).toBe(5);
    house.clock.runFor(99);
    expect(admitted(house, 10)).toBe(0);
    house.clock.runFor(1);
    expect(admitted(house, 10)).toBe(1);
    house.clock.runFor(250);
    expect(admitted(house, 10)).toBe(2);
    house.clock.runFor(50);
    expect(admitted(house, 10)).toBe(1);
    house.clock.runFor(60_000);
    expect(admitted(house, 10)).toBe(5);
    expect(house.enter('10.0.0.1')).toBe('10.0.0.1 connects more than 10 times a second (limits.handshakeRate, handshakeBurst)');
    expect(admitted(house, 10, '10.0.0.2')).toBe(5);
  });

  it('is not forgotten before it may do all of that again, and is soon after', () => {
    const house = createHouse(RATE);
    for (let time = 0; time < 3_000; time += 100) {
      const before = admitted(house, 10);
      expect(before).toBe(time === 0 ? 5 : 1);
      house.clock.runFor(100);
    }
    for (const { leave } of [...house.inside]) leave();
    expect(house.doorkeeper.remembered).toBe(1);
    house.clock.runFor(1_000);
    house.enter('10.0.0.2');
    expect(house.doorkeeper.remembered).toBe(1);
  });

  it('is remembered while it is in its handshake', () => {
    const house = createHouse(RATE);
    house.enter('10.0.0.1');
    house.clock.runFor(10_000);
    house.enter('10.0.0.2');
    expect(house.doorkeeper.remembered).toBe(2);
    for (const { leave } of [...house.inside]) leave();
    expect(house.doorkeeper.remembered).toBe(1);
  });
});

describe('places', () => {
  it.each([1, 2, 3, 4, 5])('know the busiest address and its oldest guest, as counting again would (seed %i)', (seed) => {
    const random = seeded(seed);
    const places = createPlaces<Guest>();
    const all: Guest[] = [];
    for (let since = 0; since < 2_000; since++) {
      if (random() < 0.55 || all.length === 0) {
        const guest = { place: `host ${Math.floor(random() * 8)}`, since };
        places.add(guest);
        all.push(guest);
      } else {
        const [gone] = all.splice(Math.floor(random() * all.length), 1);
        if (gone !== undefined) {
          places.delete(gone);
          places.delete(gone);
        }
      }
      const counts = new Map<string, number>();
      for (const { place } of all) counts.set(place, (counts.get(place) ?? 0) + 1);
      const busiest = places.busiest();
      expect(places.size).toBe(all.length);
      expect(busiest?.count).toBe(all.length === 0 ? undefined : Math.max(...counts.values()));
      if (busiest === undefined) continue;
      expect(counts.get(busiest.guest.place)).toBe(busiest.count);
      expect(all.find(({ place }) => place === busiest.guest.place)).toBe(busiest.guest);
      expect(places.countOf('host 0')).toBe(counts.get('host 0') ?? 0);
    }
  });
});
