import { Observable } from 'rxjs';
import { parseAddress, type Transport } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { lines, NAME, setName, startPod } from './pods.js';
import { searcher } from './searcher.js';

describe('S21: a name', () => {
  it('that nobody knows at first is asked for again, and one line says so', async () => {
    const world = createWorld({ delay: 3 });
    world.network.setName(NAME, undefined);
    const a = await startPod(world, 'a');
    world.clock.runFor(60_000);
    expect(lines(a, 'warn')).toEqual(['warn seed memory://pods: cannot look up pods: unknown host name']);
    setName(world);
    world.clock.runFor(60_000);
    expect(lines(a, 'warn').slice(1)).toEqual(['warn seed memory://pods: pods has no addresses']);
    const b = await world.start('b');
    setName(world, 'b');
    world.clock.runFor(defaultLimits.nameTime);
    expect([a.upNodes(), b.upNodes()]).toEqual([['b'], ['a']]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('with the address of a stranger: that is one line, and the others are connected', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'b', 'x');
    await world.start('b');
    await world.start('x', { secret: 'of another network' });
    const a = await startPod(world, 'a');
    world.clock.runFor(60_000);
    expect(a.upNodes()).toEqual(['b']);
    expect(lines(a, 'warn')).toEqual([expect.stringMatching(/^warn seed memory:\/\/pods \(memory:\/\/x\) is not connected: /)]);
    await world.close();
  });

  it('of whose addresses some do not answer: no warning while one does, and one when none does', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'b', 'x', 'y');
    const b = await world.start('b');
    const a = await startPod(world, 'a');
    world.clock.runFor(60_000);
    expect([a.upNodes(), lines(a, 'warn')]).toEqual([['b'], []]);
    void b.close();
    world.clock.runFor(60_000);
    expect(lines(a, 'warn').filter((line) => line.includes('seed'))).toEqual([
      'warn seed memory://pods: none of its addresses is connected: ' +
        ['b', 'x', 'y'].map((host) => `cannot connect to memory://${host}: nothing listens on memory://${host}`).join('; '),
    ]);
    await world.close();
  });

  it('with one address that does not answer: a warning, as for an address', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'b');
    const a = await startPod(world, 'a');
    world.clock.runFor(20_000);
    expect(lines(a, 'warn')).toEqual(['warn seed memory://pods (memory://b) is not connected: cannot connect to memory://b: nothing listens on memory://b']);
    await world.close();
  });

  it('whose look-up never answers is given up after limits.handshakeTime, and asked again', async () => {
    const world = createWorld();
    const transport = world.network.transport('a');
    let asked = 0;
    const a = await world.start('a', {
      seeds: [NAME],
      limits: { handshakeTime: 2_000 },
      transports: [{ ...transport, resolve: () => new Observable(() => { asked++; }) }],
    });
    world.clock.runFor(20_000);
    expect(asked).toBeGreaterThan(3);
    expect(lines(a, 'warn')).toEqual(['warn seed memory://pods: cannot look up pods: no answer within 2000 ms']);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('behind which one address is many nodes: it is tried again while nobody is connected', async () => {
    const world = createWorld({ delay: 3 });
    world.network.setName(NAME, ['memory://balancer']);
    const transport = world.network.transport('a');
    let connects = 0;
    const balanced: Transport = {
      ...transport,
      connect: ({ text }) => transport.connect(parseAddress(text !== 'memory://balancer' || connects++ < 3 ? 'memory://a' : 'memory://b')),
    };
    await world.start('b');
    const a = await startPod(world, 'a', { transports: [balanced] });
    world.clock.runFor(10_000);
    expect(lines(a, 'is this node itself: dropped')).toHaveLength(1);
    expect([connects, a.upNodes()]).toEqual([4, ['b']]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('S19, S21: a node that is looked for', () => {
  it('is not given up while a name may be it, and is as soon as it can not', async () => {
    const world = createWorld({ delay: 5 });
    world.network.setName(NAME, undefined);
    const a = searcher(world, 'a', { seeds: [NAME], knows: {} });
    a.network.start();
    const deaths = a.mon('z');
    world.clock.runFor(5_000);
    expect([deaths, a.network.hasSeeds]).toEqual([[], true]);
    await world.start('b', { monitorTimeout: 30_000 });
    // one of two does not answer: it is not waited for once the other is known
    setName(world, 'b', 'x');
    world.clock.runFor(5_000);
    expect(a.network.seedNodes()).toEqual(['b']);
    expect(deaths).toEqual([[expect.any(Number), 'transport_error', 'z', expect.stringContaining('no known address')]]);
    a.close();
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('hurries a look-up that pauses, if nothing is known of the name', async () => {
    const world = createWorld({ delay: 5 });
    world.network.setName(NAME, undefined);
    const a = searcher(world, 'a', { seeds: [NAME], knows: {} });
    a.network.start();
    await world.start('b', { monitorTimeout: 30_000 });
    world.clock.runFor(20_000);
    setName(world, 'b');
    const before = world.clock.now();
    a.mon('b');
    world.clock.runFor(100);
    expect(a.reached).toEqual([[expect.any(Number), 'b']]);
    expect(a.reached[0]![0]).toBeLessThan(before + 100);
    a.close();
    await world.close();
  });
});
