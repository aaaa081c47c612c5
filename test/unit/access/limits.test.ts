import fc from 'fast-check';
import { read, send, spawn, write } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { allowanceOf, type Allowance } from '../../../src/access/core/allowance.js';
import { createBucket } from '../../../src/access/core/bucket.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { GUEST_KEY_LENGTH, formatGuestToken, guestIdOf, isGuestId, isGuestLike, parseGuestToken, spawnedPrefix } from '../../../src/wire/guest-token.js';
import { checkProof, type Credentials } from '../../../src/transport/methods.js';
import { keeper, createScene } from './intruding.js';

/** The limits of a guest, and the constants that they are by default. */
const CONSTANTS: Readonly<Record<keyof Allowance, keyof Limits>> = {
  messagesPerSecond: 'guestMessageRate',
  bytesPerSecond: 'guestOctetRate',
  ports: 'guestPorts',
  monitors: 'guestMonitors',
  spawned: 'guestSpawns',
  nodes: 'guestNodes',
  families: 'guestFamilies',
  keys: 'guestKeys',
  bytes: 'guestOctets',
  scopes: 'guestScopes',
  observers: 'guestObservers',
};
const names = Object.entries(CONSTANTS) as [keyof Allowance, keyof Limits][];

describe('G8: limits of a guest', () => {
  it.each(names)('%s is limits.%s, and another one where the gate says so', (name, constant) => {
    expect(allowanceOf(defaultLimits)[name]).toBe(defaultLimits[constant]);
    expect(allowanceOf({ ...defaultLimits, [constant]: 7 })[name]).toBe(7);
    const given = allowanceOf(defaultLimits, { [name]: 3 });
    expect(given).toEqual({ ...allowanceOf(defaultLimits), [name]: 3 });
    expect(allowanceOf(defaultLimits, { [name]: undefined })).toEqual(allowanceOf(defaultLimits));
    for (const wrong of [0, -1, NaN, '1', null]) expect(() => allowanceOf(defaultLimits, { [name]: wrong as number })).toThrow(`a guest's limit "${name}" is `);
  });

  it('are these, and no others', () => {
    expect(Object.keys(allowanceOf(defaultLimits)).sort()).toEqual(Object.keys(CONSTANTS).sort());
    expect(() => allowanceOf(defaultLimits, { colours: 1 } as object)).toThrow('a guest\'s limit "colours" is unknown: expected messagesPerSecond');
  });

  it('hold at the gate, for each guest as its gate says', async () => {
    const limits = { ports: 2, monitors: 2, spawned: 1, nodes: 1, families: 1, keys: 1, bytes: 200 };
    const may = [send({ family: 'rooms' }), spawn('cart'), read('*'), write('presence')];
    await using scene = await createScene({ guests: { admit: (user) => ({ user, may, limits }) } });
    const { gate, tell, intruder } = scene;
    await scene.network.node('other', { seeds: ['gate'] });
    gate.register('cart', () => undefined);
    const ports = [1, 2, 3].map(() => keeper(gate).port.id);
    for (const port of ports) gate.dbReg('rooms', port);
    await scene.run(1_000);
    for (const port of ports) gate.snd(`${intruder.id}#x`, port);
    await scene.run();
    expect(scene.handle()?.counts.ports).toBe(2);
    for (const port of ports) await tell('gate', '', 'mon1', port.slice(5));
    expect(scene.handle()?.counts.monitors).toBe(2);
    for (const i of [1, 2]) await tell('gate', '', 'AnyEvent::MP::_spawn', scene.spawnName(i), 'cart');
    expect(scene.handle()?.counts.spawned).toBe(1);
    for (const family of ['a', 'b']) await tell('gate', '', 'g_mon1', family);
    expect(scene.handle()?.counts.families).toBe(1);
    for (const key of ['a', 'b']) await tell('gate', '', 'g_upd', 'presence', { [key]: 1 });
    expect(scene.handle()?.counts.keys).toBe(1);
    for (const node of ['worker', 'other']) intruder.sayTo(node, '', []);
    await scene.run(1_000);
    expect(scene.handle()?.counts.nodes).toBe(1);
  });
});

describe('G8: how fast a guest may be', () => {
  it('is a second\'s worth at once, and so much a second in the mean', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 2_000 })), { maxLength: 50 }), (rate, steps) => {
      const bucket = createBucket(rate, 0);
      let now = 0;
      let taken = 0;
      for (const [amount, pause] of steps) {
        now += pause;
        const wait = bucket.take(amount, now);
        taken += amount;
        expect(wait).toBeGreaterThanOrEqual(0);
        // who waits as he is told has never had more
        now += wait;
        expect(taken).toBeLessThanOrEqual(rate + (rate * now) / 1_000 + 1e-6);
        if (wait > 0) expect(bucket.take(0, now)).toBe(0);
      }
    }));
  });

  it('does not become more by waiting for longer than a second', () => {
    const bucket = createBucket(10, 0);
    expect(bucket.take(10, 60_000)).toBe(0);
    expect(bucket.take(1, 60_000)).toBe(100);
  });
});

describe('G4: the id of a guest', () => {
  const key = fc.string({ unit: fc.constantFrom('0', '9', 'A', 'Z', 'a', 'z', 'k'), minLength: GUEST_KEY_LENGTH, maxLength: GUEST_KEY_LENGTH });
  const gate: Credentials = { secret: 's', tls: 'none', acceptCleartext: false, acceptCertificate: false, acceptAnonymous: false, guests: true };
  const shows = (node: string, data: string) => () => checkProof(gate, { protocol: 'aemp', version: '1', node, auth: ['rxmp_guest'], framings: ['cbor'], keys: new Map() }, {
    line: '', auth: { method: 'rxmp_guest', data, framing: 'cbor', keys: new Map() },
    transcript: { role: 'initiator', sender: ['', ''], receiver: ['', ''], framing: 'cbor', keys: new Map(), binding: undefined },
  });

  it('is made of its key, and can\'t be taken with another one', () => {
    fc.assert(fc.property(key, key, fc.string(), (own, other, credentials) => {
      const id = guestIdOf(own);
      expect([isGuestId(id), isGuestLike(id), guestIdOf(own)]).toEqual([true, true, id]);
      expect(shows(id, formatGuestToken({ key: own, credentials }))()).toBe('rxmp_guest');
      fc.pre(own !== other);
      expect(guestIdOf(other)).not.toBe(id);
      expect(shows(id, formatGuestToken({ key: other, credentials }))).toThrow(`a guest has shown the key of another guest than ${id}`);
    }));
  });

  it('is never that of a node', () => {
    for (const node of ['gate', 'worker', 'guest:x', `Guest:${'x'.repeat(24)}`]) expect(shows(node, formatGuestToken({ key: 'x'.repeat(GUEST_KEY_LENGTH), credentials: '' })), node).toThrow('the key of another guest');
    for (const data of ['', 'x', `${'x'.repeat(42)}:`, 'x'.repeat(43), `${'x'.repeat(43)}:%`, `${'-'.repeat(43)}:a`]) expect(shows(guestIdOf('x'.repeat(43)), data), data).toThrow('a guest shows <key>:<credentials>');
  });

  it('keeps its credentials as they are', () => {
    fc.assert(fc.property(key, fc.string({ unit: 'grapheme' }), (own, credentials) => {
      expect(parseGuestToken(formatGuestToken({ key: own, credentials }))).toEqual({ key: own, credentials });
    }));
  });

  it('begins the names of the ports that it spawns, and of no others', () => {
    fc.assert(fc.property(key, key, (own, other) => {
      fc.pre(own !== other);
      expect(spawnedPrefix(guestIdOf(own))).not.toBe(spawnedPrefix(guestIdOf(other)));
    }));
  });
});
