import type { MpNode, NodeOptions, Port } from 'rxmp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../marbles/world.js';
import type { ChannelLimits } from '../../../src/channel/core/mux.js';
import type { Packet } from '../../../src/channel/core/packet.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { carrier } from '../channel/carrier.js';

/** What the ends of a channel say, of which one writes and the other takes nothing. */
function said(limits: Partial<ChannelLimits>, text: string): readonly Packet[] {
  const clock = new VirtualClock();
  const silent = { piece: () => undefined, moved: () => undefined, ended: () => undefined, finished: () => undefined };
  const { left, log } = carrier({ clock, limits, requested: (request) => { request.accept().read(silent); } });
  left.open(['x'], { opened: (channel) => { channel.write(text); }, failed: () => undefined });
  clock.run();
  return log;
}
const lengths = (packets: readonly Packet[]): readonly number[] => packets.flatMap((packet) => (packet.kind === 'piece' ? [packet.data.length] : []));

describe('channels', () => {
  it('channels: one more than that is refused, and one more is not asked for', () => {
    const clock = new VirtualClock();
    const failures: string[] = [];
    const { left, right, log } = carrier({ clock, limits: { channels: 2 }, requested: (request) => { request.accept(); } });
    const open = (): unknown => left.open(['x'], { opened: () => undefined, failed: (reason) => failures.push(reason) });
    open();
    right.open(['y'], { opened: () => undefined, failed: (reason) => failures.push(reason) });
    clock.run();
    open();
    expect(failures).toEqual([]);
    clock.run();
    expect(failures).toEqual(['there are 2 channels already (limits.channels)']);
    expect(log.filter(({ kind }) => kind === 'open')).toHaveLength(2);
    expect([left.size, right.size]).toEqual([2, 2]);
  });

  it('channelWindow: so much may wait to be read, what a piece costs included', () => {
    const pieces = lengths(said({ channelWindow: 10_000, channelPiece: 2_000 }, 'x'.repeat(50_000)));
    expect(pieces).toEqual([2_000, 2_000, 2_000, 2_000, 1_680]);
    // a window that is too small to be of use is larger
    expect(lengths(said({ channelWindow: 1 }, 'x'.repeat(5_000))).reduce((sum, length) => sum + length, 0)).toBeGreaterThan(700);
  });

  it('channelPiece: no piece is longer', () => {
    expect(lengths(said({ channelPiece: 1_000 }, 'x'.repeat(2_500)))).toEqual([1_000, 1_000, 500]);
    expect(lengths(said({ channelPiece: 1 }, 'x'.repeat(600)))).toEqual([256, 256, 88]);
  });
});

describe('relays', () => {
  let world: World;
  beforeEach(() => { world = createWorld({ delay: 1 }); });
  afterEach(() => world.close());

  const run = (ms = 3_000): void => { world.clock.runFor(ms); };
  const start = (host: string, seeds: readonly string[], options: NodeOptions = {}): Promise<MpNode> =>
    world.start(host, { binds: [], seeds: seeds.map((seed) => `memory://${seed}`), ...options });
  const listener = (node: MpNode): { readonly port: Port<['hello', string]>; readonly got: string[] } => {
    const got: string[] = [];
    return { port: node.rcv(node.port<['hello', string]>(), { hello: (name: string) => got.push(name) }), got };
  };

  it('relayChannels: no more connections are passed on', async () => {
    await world.start('hub', { global: true, limits: { relayChannels: 1 } });
    const [a, b, c] = [await start('a', ['hub']), await start('b', ['hub']), await start('c', ['hub'])];
    run();
    const reasons: unknown[] = [];
    a.snd(listener(b).port, 'hello', 'b');
    run();
    a.mon(listener(c).port, (...reason) => reasons.push(reason));
    run(40_000);
    expect(reasons).toEqual([['transport_error', 'c', expect.stringContaining('it passes on 1 connections already (limits.relayChannels)')]]);
    // a connection that has ended makes room
    await b.close();
    run();
    const { port, got } = listener(c);
    a.snd(port, 'hello', 'c');
    run();
    expect(got).toEqual(['c']);
  });

  it('relayRate: no more octets a second are passed on', async () => {
    await world.start('hub', { global: true, limits: { relayRate: 100_000 } });
    // what waits its turn in the relay is silence for the other end
    const patient = { monitorTimeout: 10_000 };
    const [a, b] = [await start('a', ['hub'], patient), await start('b', ['hub'], patient)];
    run();
    const { port, got } = listener(b);
    a.snd(port, 'hello', '');
    run();
    for (let i = 0; i < 50; i++) a.snd(port, 'hello', 'x'.repeat(10_000));
    run(2_000);
    expect(got.length).toBeGreaterThan(20);
    expect(got.length).toBeLessThan(37);
    run(3_000);
    expect(got.length).toBe(51);
  });
});
