import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { listenTo, puppetNow } from './puppet.js';

describe('what waits for a peer', () => {
  it('S19: a queue that grows too long fails the attempt to connect; monitors tell, and sending goes on after them', async () => {
    const world = createWorld({ delay: 1 });
    const node = await world.start('a', { seeds: ['memory://nobody'], limits: { queueSize: 10_000 } });
    const deaths: unknown[] = [];
    node.mon('b#port', (...reason) => deaths.push(reason));
    let sent = 0;
    while (node.snd('b#port', 'x'.repeat(100)) && sent < 1_000) sent++;
    expect([sent > 80 && sent < 100, deaths]).toEqual([true, []]);
    world.clock.runFor(0);
    expect(deaths).toEqual([['transport_error', 'b', expect.stringContaining('limits.queueSize is 10000')]]);
    expect(node.snd('b#port', 'again')).toBe(true);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('S13: giving up on connecting fires monitors and forgets what waited', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const deaths: unknown[] = [];
    a.mon('b', (...reason) => deaths.push([world.clock.now(), ...reason]));
    a.snd('b#x', 'lost');
    world.clock.runFor(5_000);
    expect(deaths).toEqual([[1_000, 'transport_error', 'b', 'connect timeout']]);
    await world.close();
  });

  it('S13: a node that nobody knows an address of is unreachable at once, yet never inside the call', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a');
    const deaths: unknown[] = [];
    a.mon('b', (...reason) => deaths.push(reason));
    expect(deaths).toEqual([]);
    world.clock.runFor(0);
    expect(deaths).toEqual([['transport_error', 'b', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
    expect([a.nodeIsUp('b'), a.nodeIsUp('c')]).toEqual([false, undefined]);
    await world.close();
  });

  it('above the high-water mark snd returns false, and writable$ tells when to go on', async () => {
    const world = createWorld({ delay: 10 });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'], limits: { highWaterMark: 1_000 } });
    const got: unknown[] = [];
    const port = b.port((text: string) => got.push(text.length));
    const writable: boolean[] = [];
    a.connections$.subscribe((connection) => connection.writable$.subscribe((now) => writable.push(now)));
    world.clock.runFor(1_000);
    expect(writable).toEqual([true]);
    expect(a.snd(port.id, 'x'.repeat(500))).toBe(true);
    expect(a.snd(port.id, 'x'.repeat(500))).toBe(false);
    // never inside of snd
    expect(writable).toEqual([true]);
    world.clock.runFor(0);
    expect(writable).toEqual([true, false, true]);
    expect(a.snd(port.id, 'more')).toBe(true);
    world.clock.runFor(1_000);
    expect(got).toEqual([500, 500, 4]);
    await world.close();
  });

  it('a reader that does not read ends the connection when the queue is full, and monitors tell', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'], monitorTimeout: 60_000, limits: { queueSize: 500_000 } });
    const b = await world.start('b', { monitorTimeout: 60_000 });
    const port = b.rcv(b.port(), () => undefined);
    world.clock.runFor(3_000);
    const deaths: unknown[] = [];
    a.mon(port.id, (...reason) => deaths.push(reason));
    world.clock.runFor(100);
    world.network.freeze('b');
    for (let n = 0; n < 20; n++) {
      a.snd(port.id, 'x'.repeat(50_000));
      world.clock.runFor(1);
    }
    world.clock.runFor(10);
    expect(deaths).toEqual([['transport_error', 'b', expect.stringContaining('the send queue is too long')]]);
    world.network.thaw('b');
    await world.close();
  });

  it('leaves when the node closes, also what the transport did not want yet', async () => {
    const world = createWorld({ delay: 10 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const b = await world.start('b');
    let got = 0;
    const port = b.port((text: string) => (got += text.length));
    world.clock.runFor(2_000);
    for (let n = 0; n < 50; n++) {
      a.snd(port.id, 'x'.repeat(50_000));
      world.clock.runFor(0);
    }
    void a.close();
    world.clock.runFor(5_000);
    expect(got).toBe(2_500_000);
    await world.close();
  });
});

describe('messages that cannot be sent', () => {
  it('throw at the call, also while there is no connection', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'], limits: { messageSize: 1_000 } });
    const circle: unknown[] = [];
    circle.push(circle);
    const trySend = (): void => {
      expect(() => a.snd('b#port', 'x'.repeat(2_000))).toThrow(/a message of 20\d\d octets to port "port" is too large/);
      expect(() => a.snd('b#port', circle)).toThrow(TypeError);
    };
    trySend();
    await world.start('b');
    world.clock.runFor(5_000);
    expect(a.upNodes()).toEqual(['b']);
    trySend();
    await world.close();
  });

  it('leave nothing behind of a node that was only named', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const unsendable = { toJSON: () => { throw new TypeError('no'); } };
    for (let n = 0; n < 100; n++) {
      expect(() => a.snd(`n${n}#port`, unsendable)).toThrow('no');
      expect(() => a.spawn(`n${n}`, 'init', unsendable)).toThrow('no');
    }
    world.clock.runFor(10_000);
    // the seed that is not there is looked for, and nobody else
    expect(a.log.lines.filter((line) => /n\d/.test(line))).toEqual([]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('end the connection when that shows only later; monitors tell', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'], monitorTimeout: 10_000 });
    const changed: unknown[] = ['fine'];
    const deaths: unknown[] = [];
    a.mon('b#port', (...reason) => deaths.push(reason));
    a.snd('b#port', changed);
    changed.push(changed);
    await world.start('b');
    world.clock.runFor(5_000);
    expect(deaths).toEqual([['transport_error', 'b', expect.stringContaining("a message that waited can't be sent")]]);
    expect(a.upNodes()).toEqual(['b']);
    await world.close();
  });

  it('S11: a monitor fires though the reason is too large to travel', async () => {
    const world = createWorld({ delay: 1 });
    const b = await world.start('b', { limits: { messageSize: 1_000 } });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const port = b.port(() => {
      throw new Error('long '.repeat(1_000));
    });
    const deaths: unknown[] = [];
    a.mon(port.id, (...reason) => deaths.push(reason));
    a.snd(port.id, 'go');
    world.clock.runFor(5_000);
    expect(deaths).toEqual([['die', expect.stringContaining('is too large')]]);
    await world.close();
  });
});

describe('reasons and requests that only CBOR can carry', () => {
  it.each([
    ['kil1 with a big integer as its kind', ['kil1', 'PORT', 2n ** 80n]],
    ['kil1 with a big integer in its reason', ['kil1', 'PORT', 'why', [2n ** 80n]]],
    ['kil0 with a big integer', ['kil0', 'other', 2n ** 80n]],
    ['spawn of the node port', ['AnyEvent::MP::_spawn', '', 'init']],
  ])('%s: harms nobody', async (_what, request) => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port();
    const link = await puppetNow(world, world.network.transport('m'), 'memory://a', { id: 'm', framings: ['cbor'] });
    const { closed } = listenTo(link);
    world.clock.runFor(10);
    node.mon('m#other', () => undefined);
    link.send('', request.map((part) => (part === 'PORT' ? port.id.slice(2) : part)));
    world.clock.runFor(100);
    const got: unknown[] = [];
    const alive = node.port((text: string) => got.push(text));
    link.send(alive.id.slice(2), ['still here']);
    world.clock.runFor(100);
    expect([got, closed]).toEqual([['still here'], []]);
    link.leave(1_000);
    await world.close();
  });
});
