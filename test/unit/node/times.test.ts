import { createNode, tcpTransport, webSocketTransport, type MpNode } from 'rxmp';
import { callWithRetry, spreadCalls, supervise } from 'rxmp/operators';
import { silentLog, VirtualClock } from 'rxmp/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { clockOf, realClock } from '../../../src/env/clock.js';
import { createDoorkeeper } from '../../../src/network/doorkeeper.js';
import { defaultLimits } from '../../../src/env/limits.js';

/** Every public place that takes a time, ms. */
const PLACES: Readonly<Record<string, (node: MpNode, ms: number) => unknown>> = {
  'cal': (node, ms) => node.cal(node.port(), 'x', { timeout: ms }),
  'receive': (node, ms) => node.mailbox(node.port()).receive({ timeout: ms }),
  'receive, a tag': (node, ms) => node.mailbox(node.port()).receive('x', { timeout: ms }),
  'after, a function': (node, ms) => node.after(ms, () => undefined),
  'after, a message': (node, ms) => node.after(ms, node.port(), 'x'),
  'close, timeout': (node, ms) => node.close({ timeout: ms }),
  'callWithRetry, timeout': (node, ms) => callWithRetry(node, 'a#b', { timeout: ms }),
  'callWithRetry, delay': (node, ms) => callWithRetry(node, 'a#b', { delay: ms }),
  'callWithRetry, delay.initial': (node, ms) => callWithRetry(node, 'a#b', { delay: { initial: ms } }),
  'spreadCalls, timeout': (node, ms) => spreadCalls(node, node.dbMon('f'), { timeout: ms }),
  'spreadCalls, ejectFor': (node, ms) => spreadCalls(node, node.dbMon('f'), { ejectFor: ms }),
  'supervise, within': (node, ms) => supervise(node, 'f', { within: ms }),
  'supervise, delay': (node, ms) => supervise(node, 'f', { delay: ms }),
  'tcpTransport, closeTime': (_node, ms) => tcpTransport({ closeTime: ms }),
  'webSocketTransport, closeTime': (_node, ms) => webSocketTransport({ closeTime: ms }),
  'webSocketTransport, requestTime': (_node, ms) => webSocketTransport({ requestTime: ms }),
};

describe('S37: a time that a user gives', () => {
  it.each(Object.entries(PLACES))('%s: NaN and less than 0 throw a RangeError at the call that names the value', async (_, use) => {
    const clock = new VirtualClock();
    const node = await createNode({ log: silentLog, clock });
    for (const ms of [Number.NaN, -1, -Infinity, '5' as unknown as number]) {
      // an options object whose timeout is no number is a part of the message
      if (typeof ms === 'string' && use === PLACES['cal']) continue;
      expect(() => use(node, ms), String(ms)).toThrow(RangeError);
    }
    void node.close();
    clock.run();
    expect(clock.pending).toBe(0);
  });

  it.each(Object.entries(PLACES))('%s: Infinity is never, and more than 2^31 is that much', async (_, use) => {
    const clock = new VirtualClock();
    const node = await createNode({ log: silentLog, clock });
    for (const ms of [Infinity, 2 ** 31, 2 ** 40]) expect(() => use(node, ms)).not.toThrow();
    void node.close();
    clock.runFor(0);
    expect(clock.pending).toBe(0);
  });

  it.each([Number.NaN, -1, 0])('monitorTimeout %d is refused', async (monitorTimeout) => {
    await expect(createNode({ log: silentLog, monitorTimeout })).rejects.toThrow(RangeError);
  });
});

describe('S37: durations do not depend on the wall clock', () => {
  it('the clocks of a process: one for people, one that never goes back', () => {
    expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(1_000);
    const [one, two] = [realClock.monotonic(), realClock.monotonic()];
    expect(two).toBeGreaterThanOrEqual(one);
    let now = 1_000;
    const foreign = clockOf({ now: () => now, schedule: () => { throw new Error('none'); } });
    expect(foreign.monotonic()).toBe(1_000);
    now = 500;
    expect([foreign.now(), foreign.monotonic()]).toEqual([500, 1_000]);
  });

  it('VirtualClock: its wall clock can be set without timers noticing', () => {
    const clock = new VirtualClock({ epoch: 10 });
    const fired: number[] = [];
    clock.after(100, () => fired.push(clock.now()));
    clock.setWall(-3_600_000);
    clock.runFor(100);
    expect([fired, clock.monotonic()]).toEqual([[110 - 3_600_000], 110]);
    expect(() => { clock.setWall(Number.NaN); }).toThrow(RangeError);
  });

  it('handshakes are let in at their rate after the clock was set back by an hour', () => {
    const clock = new VirtualClock();
    const doorkeeper = createDoorkeeper({ clock, limits: { ...defaultLimits, handshakeRate: 10, handshakeBurst: 10 } });
    const visit = { remoteAddress: '1.2.3.4:5', listener: {}, isCrowded: false, evict: () => undefined };
    const enter = (): boolean => typeof doorkeeper.enter(visit) !== 'string';
    while (enter());
    clock.setWall(-3_600_000);
    clock.runFor(1_000);
    expect(enter()).toBe(true);
  });

  it('a node goes on when the clock is set: deliveries, keep-alives, timers, calls', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a');
    const b = await world.start('b', { seeds: ['memory://a'] });
    world.clock.runFor(1_000);
    const deaths: unknown[] = [];
    b.mon('a', (...reason) => deaths.push(reason));
    const port = a.rcv(a.port(), { ask: (reply: string) => a.snd(reply, 'answer') });
    for (const ms of [-3_600_000, 3_600_000, -1_000, 7_200_000]) {
      world.clock.setWall(ms);
      let answer: unknown;
      b.cal(port, 'ask', { timeout: 500 }).subscribe((given) => { answer = given; });
      world.clock.runFor(3_000);
      expect(answer).toEqual(['answer']);
    }
    expect(deaths).toEqual([]);
    await world.close();
  });
});

describe('S37: a time-out that comes late', () => {
  const block = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };

  it('lets what has arrived be handled first: calls and mailboxes of a process that was busy', async () => {
    const options = { secret: 'a secret of late timers', log: silentLog };
    await using server = await createNode({ nodeid: 'server', binds: ['127.0.0.1:0'], ...options });
    await using client = await createNode({ nodeid: 'client', seeds: server.addresses, ...options });
    await expect.poll(() => client.nodeIsUp('server')).toBe(true);
    let asked = 0;
    const port = server.rcv(server.port(), {
      ping(reply: string) {
        server.snd(reply, 'pong');
        // as soon as the second answer has left: both come into the socket of this process, which looks at them too late
        if (++asked % 2 === 0) setImmediate(block, 1_100);
      },
    });
    for (let i = 0; i < 3; i++) {
      const own = client.port();
      const box = client.mailbox(own);
      const call = firstValueFrom(client.cal(port, 'ping', { timeout: 1_000 }));
      client.snd(port, 'ping', own.id);
      const received = box.receive('pong', { timeout: 1_000 });
      expect([await call, await received]).toEqual([['pong'], ['pong']]);
    }
  });
});
