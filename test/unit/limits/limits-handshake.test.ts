import { describe, expect, it } from 'vitest';
import { createDoorkeeper } from '../../../src/network/doorkeeper.js';
import { placeOf } from '../../../src/transport/place.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom, VirtualClock } from '../../../src/testing/index.js';
import { authenticate } from '../../../src/transport/authenticate.js';
import type { Visit } from '../../../src/transport/duplex.js';
import { duplexPair } from '../../../src/transport/pair.js';
import { recordedLog } from '../../../marbles/world.js';
import { house } from './visitors.js';

const listener = {};
const visitOf = (remoteAddress: string, isCrowded = false, evict: () => void = () => undefined): Visit => ({ remoteAddress, listener, isCrowded, evict });

describe('limits of those who have not authenticated', () => {
  it('handshakeLine: one of 300 octets is read, one of 301 ends that connection', async () => {
    const { world, stranger, warnings } = await house({ handshakeLine: 300 });
    const greeting = 'aemp;1;peer;hmac_sha3_512;json;pad=';
    const [fits, tooLong] = [stranger('a'), stranger('b')];
    fits.write(`${greeting.padEnd(299, 'x')}\n`);
    tooLong.write(`${greeting.padEnd(300, 'x')}\n`);
    world.clock.runFor(0);
    expect([fits.isClosed, tooLong.isClosed]).toEqual([false, true]);
    expect(warnings()).toEqual([expect.stringMatching(/memory:\/\/b failed: a handshake line is longer than 300 octets/)]);
  });

  it('handshakeTime: who has not authenticated in time is sent away', async () => {
    const { world, stranger, warnings } = await house({ handshakeTime: 500 });
    const idle = stranger('a');
    // who says nothing at all is no line in the log
    idle.write('aemp;1;a;hmac_sha3_512;json');
    world.clock.runFor(499);
    expect(idle.isClosed).toBe(false);
    world.clock.runFor(1);
    expect(idle.isClosed).toBe(true);
    expect(warnings()).toEqual([expect.stringMatching(/no complete handshake within 500 ms/)]);
  });

  it('pendingHandshakes: the third of two is refused, and there is room again when one is over', async () => {
    const { world, stranger, warnings } = await house({ pendingHandshakes: 2 });
    const all = ['a', 'b', 'c'].map(stranger);
    expect(all.map(({ isClosed }) => isClosed)).toEqual([false, false, true]);
    expect(warnings()).toEqual([expect.stringMatching(/refused memory:\/\/c: 2 connections are in their handshake \(limits.pendingHandshakes\)/)]);
    all[0]?.close();
    world.clock.runFor(0);
    expect(stranger('d').isClosed).toBe(false);
  });

  it('addressHandshakes: the third of two of one address is refused, others come in', async () => {
    const { peer, stranger, warnings } = await house({ addressHandshakes: 2 });
    expect(['a', 'a', 'a', 'b'].map(stranger).map(({ isClosed }) => isClosed)).toEqual([false, false, true, false]);
    expect(warnings()).toEqual([expect.stringMatching(/refused memory:\/\/a: 2 connections of memory:\/\/a .*limits.addressHandshakes/)]);
    expect((await peer('good')).send('', 'devnull')).toBe(true);
  });

  it('handshakeBurst: so many at once; handshakeRate: then so many a second', async () => {
    const { world, stranger } = await house({ handshakeBurst: 3, handshakeRate: 2 });
    const admitted = (host: string, count: number): number =>
      Array.from({ length: count }, () => stranger(host)).filter(({ isClosed }) => !isClosed).length;
    expect(admitted('a', 5)).toBe(3);
    expect(admitted('b', 1)).toBe(1);
    world.clock.runFor(499);
    expect(admitted('a', 1)).toBe(0);
    world.clock.runFor(1);
    expect(admitted('a', 2)).toBe(1);
    world.clock.runFor(60_000);
    expect(admitted('a', 5)).toBe(3);
  });

  it('handshakeRate: what is remembered of addresses is forgotten', () => {
    const clock = new VirtualClock();
    const doorkeeper = createDoorkeeper({ clock, limits: { ...defaultLimits, handshakeBurst: 10, handshakeRate: 10 } });
    for (let i = 0; i < 1_000; i++) {
      const leave = doorkeeper.enter(visitOf(`10.0.${i >> 8}.${i & 255}:1`));
      if (typeof leave === 'function') leave();
    }
    expect(doorkeeper.remembered).toBe(1_000);
    clock.runFor(1_000);
    doorkeeper.enter(visitOf('10.1.0.0:1'));
    expect(doorkeeper.remembered).toBe(1_001);
    clock.runFor(1_000);
    doorkeeper.enter(visitOf('10.1.0.1:1'));
    expect(doorkeeper.remembered).toBe(2);
  });

  it.each([
    ['127.0.0.1:4040', '127.0.0.1'],
    ['[::1]:4040', '0:0:0:0::/64'],
    ['[2001:db8:1:2:3:4:5:6]:1', '2001:db8:1:2::/64'],
    ['[2001:DB8:1:2::]:1', '2001:db8:1:2::/64'],
    ['[2001:0db8::5:6]:4040', '2001:db8:0:0::/64'],
    ['[64:ff9b::1.2.3.4]:1', '64:ff9b:0:0::/64'],
    ['[fe80::1%eth0]:1', 'fe80:0:0:0::/64'],
    ['memory://a', 'memory://a'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, place) => {
    expect(placeOf(address)).toBe(place);
  });

  it('refusalLog: one line tells of all that were refused in that time', async () => {
    const { world, stranger, warnings } = await house({ addressHandshakes: 1, refusalLog: 1_000 });
    for (let i = 0; i < 6; i++) stranger('a');
    world.clock.runFor(999);
    stranger('a');
    expect(warnings()).toEqual([expect.stringMatching(/refused memory:\/\/a: .*addressHandshakes\)$/)]);
    world.clock.runFor(1);
    stranger('a');
    expect(warnings()).toEqual([expect.stringMatching(/; 5 more were refused since the last such line$/)]);
  });

  it('earlyData: what comes behind a handshake that is held back stays in the connection, unread', () => {
    const clock = new VirtualClock();
    const env = { clock, random: seededRandom(1), log: recordedLog(), limits: { ...defaultLimits, earlyData: 1_000 } };
    const { left, right } = duplexPair({ clock, addresses: ['left', 'right'] });
    const config = (node: string) => ({
      ...{ node, framings: ['json'], secret: 's', nonce: `nonce of ${node}`, initiator: node === 'a', tls: 'none' as const, issued: () => false },
      ...{ acceptCleartext: false, acceptCertificate: false, acceptAnonymous: false, keys: new Map<string, string>() },
    });
    authenticate(left, config('a'), env, { greeted: () => 'admit', verified: () => undefined }).subscribe({ error: () => undefined });
    const failures: string[] = [];
    authenticate(right, config('b'), env, { greeted: () => 'hold', verified: () => undefined }).subscribe({ error: (error: unknown) => failures.push(error instanceof Error ? error.message : '') });
    clock.runFor(0);
    for (let i = 0; i < 10; i++) left.write('x'.repeat(env.limits.earlyData));
    clock.runFor(0);
    expect(failures).toEqual([]);
    // the other end feels that nobody reads
    expect(left.write('x'.repeat(300_000))).toBe(false);
  });
});
