import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { createNetwork, VirtualClock } from 'rxmp/testing';
import { createHostClock } from '../../src/testing/host-clock.js';

/** A service that counts, and loses its count with its program. */
const counter = (node: MpNode): void => {
  let count = 0;
  const port = node.rcv(node.port(), { add: (reply: string) => node.snd(reply, ++count) });
  node.dbReg('counters', port);
};

describe('createNetwork', () => {
  it('runs nodes in virtual time, and tells them of a partition', async () => {
    await using network = createNetwork();
    const a = await network.node('a');
    const b = await network.node('b', { seeds: ['a'] });
    await network.until(() => b.nodeIsUp('a') === true, 1_000);
    const reasons: unknown[] = [];
    b.mon('a', (...reason) => reasons.push(reason[0]));
    const heal = network.partition(['a'], ['b']);
    await network.run(1_000);
    expect([reasons, a.upNodes()]).toEqual([['transport_error'], []]);
    heal();
    await network.until(() => a.nodeIsUp('b') === true, 5_000);
  });

  it('setName: nodes whose seed is a name find whom it stands for now', async () => {
    await using network = createNetwork();
    network.setName('all', ['a']);
    const [a, b] = [await network.node('a', { seeds: ['all'] }), await network.node('b', { seeds: ['all'] })];
    await network.until(() => b.nodeIsUp('a') === true, 1_000);
    network.setName('all', ['b', 'c']);
    const c = await network.node('c', { seeds: ['all'] });
    await network.until(() => c.nodeIsUp('b') === true, 1_000);
    await network.leave('a');
    await network.restart('a');
    await network.until(() => c.nodeIsUp('a') === true && b.nodeIsUp('a') === true, 5_000);
    expect(a).not.toBe(network.get('a'));
  });

  it.each([{ silent: false, within: 20 }, { silent: true, within: 1_000 }])(
    'a crash (silent: $silent) is noticed within $within ms, and a restart runs the service again',
    async ({ silent, within }) => {
      await using network = createNetwork();
      const hub = await network.node('hub');
      await network.node('worker', { seeds: ['hub'], start: counter });
      const ports = new Set<string>();
      hub.dbMon('counters').subscribe(({ family, add }) => {
        for (const port of add) ports.add(port);
        if (family.size === 0) ports.clear();
      });
      await network.until(() => ports.size === 1, 2_000);
      const [first = ''] = ports;
      expect(await answer(network, hub, first)).toBe(1);
      network.crash('worker', { silent });
      await network.until(() => ports.size === 0, within);
      await network.restart('worker');
      await network.until(() => ports.size === 1, 5_000);
      expect([...ports]).not.toEqual([first]);
      expect(await answer(network, hub, [...ports][0] ?? '')).toBe(1);
    },
  );

  it('a frozen program does nothing until it is thawed', async () => {
    await using network = createNetwork();
    const a = await network.node('a');
    const b = await network.node('b', { seeds: ['a'] });
    await network.until(() => b.nodeIsUp('a') === true, 1_000);
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      timer = a.after(10, tick);
    };
    let timer = a.after(10, tick);
    network.freeze('a');
    await network.until(() => b.nodeIsUp('a') === false, 1_000);
    expect(ticks).toBe(0);
    network.thaw('a');
    await network.run(15);
    expect(ticks).toBe(2);
    timer.unsubscribe();
    await network.until(() => b.nodeIsUp('a') === true, 5_000);
  });

  it('what a frozen program was to do soon comes before what it does after that (S2)', () => {
    const clock = new VirtualClock();
    const host = createHostClock(clock);
    const done: string[] = [];
    host.after(10, () => { done.push('timer'); });
    host.pause();
    clock.runFor(20);
    host.turn(() => { done.push('turn'); });
    host.soon(() => { done.push('soon'); });
    clock.runFor(20);
    expect(done).toEqual([]);
    host.resume();
    host.soon(() => { done.push('later'); });
    clock.run();
    expect(done).toEqual(['soon', 'later', 'turn', 'timer']);
  });

  it('a forgotten connection is noticed by each end for itself, and a new one works', async () => {
    await using network = createNetwork();
    const a = await network.node('a');
    const b = await network.node('b', { seeds: ['a'] });
    await network.until(() => a.nodeIsUp('b') === true && b.nodeIsUp('a') === true, 1_000);
    const told: string[] = [];
    for (const node of [a, b]) node.monNodes().subscribe(({ node: other, up, reason }) => told.push(`${node.id}: ${other} ${up ? 'up' : `down, ${reason[0] ?? ''}`}`));
    network.wire.forget('a', 'b');
    // not healed: what is forgotten stays so
    network.heal();
    await network.run(100);
    expect(told).toEqual([]);
    await network.until(() => told.length === 4, 3_000);
    expect(told.filter((text) => text.startsWith('a'))).toEqual(['a: b down, transport_error', 'a: b up']);
    expect(told.filter((text) => text.startsWith('b'))).toEqual(['b: a down, transport_error', 'b: a up']);
    expect(network.wire.connections).toBe(1);
  });

  it('a leap of the clock makes timers late', async () => {
    await using network = createNetwork();
    const a = await network.node('a');
    let fired = -1;
    const before = a.clock.now();
    a.after(1_000, () => { fired = network.clock.now(); });
    network.leap('a', 900);
    await network.run(100);
    expect(fired).toBe(100);
    expect(a.clock.now() - before).toBe(1_000);
  });

  it('gives the same run for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      await using network = createNetwork({ seed });
      const a = await network.node('a');
      const b = await network.node('b', { seeds: ['a'] });
      const seen: string[] = [];
      for (const node of [a, b]) node.monNodes().subscribe(({ up }) => seen.push(`${network.clock.now()} ${node.id} ${up}`));
      await network.run(3_000);
      network.crash('b');
      await network.run(100);
      return `${seen.join()} ${network.wire.traffic.octets}`;
    };
    expect(await run(7)).toBe(await run(7));
    expect(await run(7)).not.toBe(await run(8));
  });

  it('says what is left behind', async () => {
    const network = createNetwork();
    const a = await network.node('a');
    let stopped = false;
    const again = (): void => {
      if (!stopped) a.clock.schedule(again, 1_000);
    };
    again();
    await expect(network.close()).rejects.toThrow('left behind after every node was closed: 1 timers of a');
    stopped = true;
  });

  it('names what is wrong', async () => {
    await using network = createNetwork();
    await network.node('a');
    expect(() => network.get('b')).toThrow('there is no node "b" in this network: there are a');
    await expect(network.node('a')).rejects.toThrow('there is a node "a" in this network already');
    await expect(network.restart('a')).rejects.toThrow('a runs already');
    await expect(network.until(() => false, 10)).rejects.toThrow('still not so after 10 ms: () => false');
    expect(() => network.leap('a', -1)).toThrow('A clock leaps forward, by ms of 0 or more, not -1');
    expect(() => network.wire.slow('a', 'b', 0)).toThrow('A rate is octets per ms above 0');
  });
});

/** What a counter says next. */
async function answer(network: ReturnType<typeof createNetwork>, node: MpNode, port: string): Promise<unknown> {
  const asked = firstValueFrom(node.cal(port, 'add', { timeout: 1_000 }));
  await network.run(50);
  return (await asked)[0];
}
