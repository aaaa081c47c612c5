import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { createRunQueue } from '../../../src/kernel/core/run-queue.js';
import { seededRandom, VirtualClock } from '../../../src/testing/index.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';
import { countItems } from '../../../src/wire/items.js';
import { framings } from '../../../src/wire/framing.js';
import { recordedLog } from '../../../marbles/world.js';
import { house } from './visitors.js';

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe('limits of authenticated peers', () => {
  it.each(['rxmp_json', 'json', 'cbor'] as const)('messageSize: a message of 1,000 octets is read, one of 1,001 ends that connection (%s)', async (framing) => {
    const { node, peer, warnings } = await house({ messageSize: 1_000 });
    const got: unknown[] = [];
    const port = node.rcv(node.port(), { text: (text: string) => void got.push(text.length) });
    const name = port.id.slice('node#'.length);
    // without the line end, which is no part of a message
    const around = (text: string): number => new TextEncoder().encode(String(framings.get('json')?.encode(name, ['text', text])).trim()).length;
    const cborAround = (text: string): number => framings.get('cbor')?.encode(name, ['text', text]).length ?? 0;
    const text = 'x'.repeat(300);
    const longest = text.length + 1_000 - (framing === 'cbor' ? cborAround(text) : around(text));
    const [bad, good] = [await peer('bad', framing), await peer('good', framing)];
    expect(bad.send(name, 'text', 'x'.repeat(longest))).toBe(true);
    expect(bad.send(name, 'text', 'x'.repeat(longest + 1))).toBe(false);
    expect(warnings()).toEqual([expect.stringMatching(/connection with bad ended: .*limits.messageSize, 1000 octets/)]);
    expect(good.send(name, 'text', '')).toBe(true);
    expect(got).toEqual([longest, 0]);
    expect(() => node.snd('good#x', 'x'.repeat(1_001))).toThrow('limits.messageSize is 1000');
  });

  it.each(['rxmp_json', 'json', 'cbor'] as const)('messageDepth: ten levels are read, eleven end that connection (%s)', async (framing) => {
    const { node, peer, warnings } = await house({ messageDepth: 10 });
    const got: unknown[] = [];
    const port = node.rcv(node.port(), { deep: (value: unknown) => void got.push(value) });
    const name = port.id.slice('node#'.length);
    const bad = await peer('bad', framing);
    expect(bad.send(name, 'deep', nested(9))).toBe(true);
    expect(bad.send(name, 'deep', nested(10))).toBe(false);
    expect(warnings()).toEqual([expect.stringMatching(/ended: a message nests deeper than 10 levels/)]);
    expect(got).toEqual([nested(9)]);
  });

  const deepest = [[[], {}], { a: [1], b: '[,:{' }];
  it.each(['rxmp_json', 'json', 'cbor'] as const)('messageItems: 100 items are read and sent, one more is refused (%s)', async (framing) => {
    const { node, peer, warnings } = await house({ messageItems: 100 });
    const got: unknown[] = [];
    const port = node.rcv(node.port(), { items: (...values: unknown[]) => void got.push(values.length) });
    const name = port.id.slice('node#'.length);
    // 2 of the port and the tag, 1 for each element
    const most = Array.from({ length: 98 }, () => 1);
    // 12 in `deepest` and itself, and 2 for each empty array
    const nestedMost = [deepest, ...Array.from({ length: 43 }, () => [])];
    const [bad, worse, good] = [await peer('bad', framing), await peer('worse', framing), await peer('good', framing)];
    expect(countItems([name, 'items', ...nestedMost])).toBe(100);
    expect(bad.send(name, 'items', ...most)).toBe(true);
    expect(bad.send(name, 'items', ...nestedMost)).toBe(true);
    expect(bad.send(name, 'items', ...most, 1)).toBe(false);
    expect(worse.send(name, 'items', ...nestedMost, 1)).toBe(false);
    expect(warnings()).toEqual(['bad', 'worse'].map((id) => expect.stringMatching(`connection with ${id} ended: a message has more than limits.messageItems, 100`) as string));
    expect(got).toEqual([98, 44]);
    for (const values of [most, nestedMost]) {
      expect(() => node.snd('good#x', 'items', ...values)).not.toThrow();
      expect(() => node.snd('good#x', 'items', ...values, 1)).toThrow('a message of 101 items to port "x" is too large: limits.messageItems is 100');
      expect(() => node.snd('away#x', 'items', ...values, 1)).toThrow(MessageTooLarge);
    }
    expect(good.send(name, 'items')).toBe(true);
  });

  it('messageItems: a value of the database that no message can hold is refused where it is set', async () => {
    const { node } = await house({ messageItems: 1_000 });
    expect(() => node.dbSet('fam', 'k', Array.from({ length: 900 }, () => ''))).not.toThrow();
    expect(() => node.dbSet('fam', 'k', Array.from({ length: 1_000 }, () => ''))).toThrow(MessageTooLarge);
  });

  it.each(['rxmp_json', 'json', 'cbor'] as const)('messageItems: a message of many is refused before it is there as a whole (%s)', (framing) => {
    const chunk = framing === 'cbor' ? new Uint8Array(64 * 1024).fill(0x80) : new TextEncoder().encode('[],'.repeat(20_000));
    const head = framing === 'cbor' ? Uint8Array.of(0x9f, 0x60) : new TextEncoder().encode('["",');
    const decoder = framings.get(framing)?.decoder(defaultLimits);
    decoder?.push(head, () => undefined);
    let octets = 0;
    expect(() => {
      while (octets < defaultLimits.messageSize / 2) {
        decoder?.push(chunk, () => undefined);
        octets += chunk.length;
      }
    }).toThrow(MessageTooLarge);
    expect(octets).toBeLessThan(2 * 1024 * 1024);
  });

  it.each([
    ['mon1', (name: string) => ['mon1', name]],
    ['kil1', (name: string) => ['kil1', name]],
    ['snd', (name: string) => ['snd', name]],
    ['can', (name: string) => ['can', name]],
    ['time', (name: string) => ['time', name]],
    ['spawn', (name: string) => ['AnyEvent::MP::_spawn', name, 'init']],
    ['spawn with a function', (name: string) => ['AnyEvent::MP::_spawn', 'p', name]],
    ['a request', (name: string) => [name]],
    ['g_find', (name: string) => ['g_find', name]],
    ['g_db_keys', (name: string) => ['g_db_keys', 'fam', name]],
  ])('nameSize: %s with 50 characters is taken, with 51 it ends that connection', async (_, request) => {
    const { peer, warnings } = await house({ nameSize: 50 });
    const bad = await peer('bad');
    expect(bad.send('', ...request('x'.repeat(50)))).toBe(true);
    warnings();
    expect(bad.send('', ...request('x'.repeat(51)))).toBe(false);
    expect(warnings()).toEqual([expect.stringMatching(/connection with bad ended: .* of 51 characters: expected 50 at most \(limits.nameSize\)/)]);
  });

  it('peerMonitors: two ports are monitored, a third ends that connection', async () => {
    const { node, peer, warnings } = await house({ peerMonitors: 2 });
    const [a, b, c] = [node.port(), node.port(), node.port()].map(({ id }) => id.slice('node#'.length));
    const [bad, good] = [await peer('bad'), await peer('good')];
    expect([bad.send('', 'mon1', a), bad.send('', 'mon1', b), bad.send('', 'mon0', a), bad.send('', 'mon1', c)]).toEqual([true, true, true, true]);
    expect(bad.send('', 'mon1', a)).toBe(false);
    expect(warnings()).toEqual([expect.stringMatching(/bad monitors more than 2 ports \(limits.peerMonitors\)/)]);
    expect(good.send('', 'mon1', a)).toBe(true);
  });

  it('peerPorts: two ports are spawned, a third ends that connection, also after a new one; a dead port makes room', async () => {
    const { world, node, peer, warnings } = await house({ peerPorts: 2 });
    node.register('init', (port) => { void node.rcv(port, () => undefined); });
    const spawn = (name: string): unknown[] => ['AnyEvent::MP::_spawn', name, 'init'];
    const bad = await peer('bad');
    expect([bad.send('', ...spawn('p1')), bad.send('', ...spawn('p2')), bad.send('', ...spawn('p3'))]).toEqual([true, true, false]);
    expect(warnings()).toEqual([expect.stringMatching(/bad has spawned more than 2 ports \(limits.peerPorts\)/)]);
    expect((await peer('bad')).send('', ...spawn('p3'))).toBe(false);
    expect((await peer('good')).send('', ...spawn('p4'))).toBe(true);
    node.kil('node#p1');
    world.clock.runFor(0);
    const again = await peer('bad');
    expect([again.send('', ...spawn('p5')), again.send('', ...spawn('p6'))]).toEqual([true, false]);
  });
});

describe('limits of what waits', () => {
  const waiting = { seeds: ['memory://nobody'], monitorTimeout: 60_000 };
  const around = String(framings.get('json')?.encode('x', [''])).length;
  const ofSize = (octets: number): string => 'x'.repeat(octets - around);

  it('highWaterMark: up to it snd returns true, beyond it false', async () => {
    const { world } = await house({});
    const node = await world.start('a', { ...waiting, limits: { highWaterMark: 1_000 } });
    expect([node.snd('b#x', ofSize(500)), node.snd('b#x', ofSize(500)), node.snd('b#x', ofSize(around))]).toEqual([true, true, false]);
  });

  it('queueSize: up to it all waits, beyond it monitors tell that the node is lost', async () => {
    const { world } = await house({});
    const node = await world.start('a', { ...waiting, limits: { queueSize: 1_000 } });
    const reasons: unknown[] = [];
    const monitors = String(framings.get('json')?.encode('', ['mon1', 'x'])).length;
    node.mon('b#x', (...reason) => reasons.push(reason));
    node.snd('b#x', ofSize(1_000 - monitors));
    world.clock.runFor(100);
    expect(reasons).toEqual([]);
    expect(node.snd('b#x', ofSize(around))).toBe(false);
    world.clock.runFor(0);
    expect(reasons).toEqual([['transport_error', 'b', expect.stringContaining('limits.queueSize is 1000')]]);
  });

  it('searches: two nodes are looked for, a third is unreachable at once', async () => {
    const { world } = await house({});
    const node = await world.start('a', { ...waiting, limits: { searches: 2 } });
    const lost: unknown[] = [];
    const look = (id: string): void => {
      node.mon(id, (_, lostNode, text) => lost.push([lostNode, text]));
      world.clock.runFor(0);
    };
    look('b');
    look('c');
    expect(lost).toEqual([]);
    look('d');
    expect(lost).toEqual([['d', expect.stringContaining('limits.searches')]]);
    world.clock.runFor(60_000);
    lost.length = 0;
    look('d');
    expect(lost).toEqual([]);
  });

  it('searchQueueSize: what waits for all nodes together', async () => {
    const { world } = await house({});
    const node = await world.start('a', { ...waiting, limits: { searchQueueSize: 1_000 } });
    const lost: unknown[] = [];
    for (const id of ['b', 'c']) node.mon(id, (_, lostNode, text) => lost.push([lostNode, text]));
    node.snd('b#x', ofSize(500));
    node.snd('c#x', ofSize(500));
    world.clock.runFor(0);
    expect(lost).toEqual([]);
    node.snd('c#x', ofSize(around));
    world.clock.runFor(0);
    expect(lost).toEqual([['c', expect.stringContaining('limits.searchQueueSize is 1000')]]);
    // what was given up makes room
    expect(node.snd('b#x', ofSize(500))).toBe(true);
    world.clock.runFor(0);
    expect(lost).toHaveLength(1);
  });

  const queueOf = (limits: object, tick = 0) => {
    const clock = new VirtualClock();
    let now = 0;
    const env = { clock: Object.assign(Object.create(clock) as VirtualClock, { monotonic: () => (now += tick), turn: (task: () => void) => { clock.turn(task); } }), random: seededRandom(1), log: recordedLog() };
    const congestion: boolean[] = [];
    const queue = createRunQueue({ ...env, limits: { ...defaultLimits, ...limits } }, {
      dispatch: () => undefined,
      congested: (on) => congestion.push(on),
    });
    let ran = 0;
    queue.run(() => { for (let i = 0; i < 2_000; i++) queue.run(() => { ran++; }); });
    return { ran: () => ran, clock, congestion };
  };

  it('runMessages: after so many the event loop has its turn, then it goes on', () => {
    const { ran, clock } = queueOf({ runMessages: 100 });
    expect(ran()).toBe(100);
    clock.runFor(0);
    expect(ran()).toBe(2_000);
  });

  it('localQueue: while more waits than that, nothing more should come in', () => {
    const { ran, clock, congestion } = queueOf({ localQueue: 1_000, runMessages: 100 });
    expect([ran(), congestion]).toEqual([100, [true]]);
    clock.runFor(0);
    expect([ran(), congestion]).toEqual([2_000, [true, false]]);
    expect(queueOf({ localQueue: 1_900, runMessages: 100 }).congestion).toEqual([]);
  });

  it('runTime: so long a run may last, then the event loop has its turn', () => {
    // each look at the clock finds it 10 ms later, so each message looks like a slow one
    expect(queueOf({ runTime: 30 }, 10).ran()).toBe(3);
    expect(queueOf({ runTime: 31 }, 10).ran()).toBe(4);
  });
});
