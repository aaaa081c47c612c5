import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex, Transport } from '../../../src/transport/duplex.js';
import { createWorld } from '../../../marbles/world.js';
import { listenTo, puppet, puppetNow } from './puppet.js';

/** Keeps what is written. */
function listenedTo(duplex: Duplex, written: string[]): Duplex {
  return {
    ...duplex,
    write(chunk) {
      written.push(String(chunk));
      return duplex.write(chunk);
    },
  };
}

describe('S18: one node id, one live node', () => {
  it('refuses a second live node with the same id, which says so in its own log; the first goes on', async () => {
    const world = createWorld({ delay: { min: 1, max: 10 } });
    const hub = await world.start('hub');
    const first = await world.start('x', { seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    const deaths: unknown[] = [];
    hub.mon('x', (...reason) => deaths.push(reason));
    const second = await world.start('y', { nodeid: 'x', seeds: ['memory://hub'] });
    world.clock.runFor(20_000);
    const text = 'another live node has the node id "x"';
    expect(hub.log.lines.filter((line) => line.startsWith('error') && line.includes(text)).length).toBeGreaterThan(1);
    // said once, though tried again and again
    expect(second.log.lines.filter((line) => line.startsWith('error seed memory://hub is not connected'))).toHaveLength(1);
    expect([deaths, first.upNodes(), second.upNodes()]).toEqual([[], ['hub'], []]);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('tells both of two nodes with one id that meet directly', async () => {
    const world = createWorld({ delay: 1 });
    const first = await world.start('x');
    const second = await world.start('y', { nodeid: 'x', seeds: ['memory://x'] });
    world.clock.runFor(2_000);
    for (const { log } of [first, second]) {
      expect(log.lines.some((line) => /^error .*another node has our node id "x": every node needs its own/.test(line))).toBe(true);
    }
    await world.close();
  });

  it('two that come at the same moment do not both get in', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = createWorld({ delay: { min: 1, max: 30 }, seed });
      const hub = await world.start('hub');
      const twins = [
        await world.start('t1', { nodeid: 'x', seeds: ['memory://hub'] }),
        await world.start('t2', { nodeid: 'x', seeds: ['memory://hub'] }),
      ];
      const ups: boolean[] = [];
      hub.monNodes().subscribe(({ up }) => ups.push(up));
      world.clock.runFor(30_000);
      expect(ups).toEqual([true]);
      expect(twins.flatMap((twin) => twin.upNodes())).toEqual(['hub']);
      expect(hub.upNodes()).toEqual(['x']);
      const loser = twins.find((twin) => twin.upNodes().length === 0)!;
      expect(loser.log.lines.some((line) => line.startsWith('error'))).toBe(true);
      await world.close();
      expect(world.clock.pending).toBe(0);
    }
  });

  it('lets a restarted node in though its old connection seems to be there; its monitors fire first', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub', { monitorTimeout: 60_000 });
    const old = await world.start('x1', { nodeid: 'x', seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    const order: unknown[] = [];
    hub.mon(old.port(), (...reason) => order.push(reason));
    hub.mon('x', (...reason) => order.push(reason));
    hub.monNodes().subscribe(({ up }) => order.push(up ? 'up' : 'down'));
    // the machine is gone without a word
    world.network.freeze('x1');
    const renewed = await world.start('x2', { nodeid: 'x', seeds: ['memory://hub'], monitorTimeout: 60_000 });
    const port = hub.rcv(hub.port(), { hello: () => order.push('hello') });
    renewed.snd(port.id, 'hello');
    world.clock.runFor(6_000);
    const lost = ['transport_error', 'x', expect.stringContaining('and a new connection to x is here')];
    expect(order).toEqual(['down', lost, lost, 'up', 'hello']);
    expect(hub.upNodes()).toEqual(['x']);
    world.network.thaw('x1');
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('is not kept out by somebody who repeats its greeting, but has no secret', async () => {
    const world = createWorld();
    const hub = await world.start('hub');
    const greetings: string[] = [];
    const honest = world.network.transport('x');
    const overheard: Transport = {
      ...honest,
      connect: (address) => honest.connect(address).pipe(map((duplex) => listenedTo(duplex, greetings))),
    };
    const node = await world.start('x', { monitorTimeout: 60_000, seeds: ['memory://hub'], transports: [overheard] });
    world.clock.runFor(1_000);
    expect([node.upNodes(), greetings[0]]).toEqual([['hub'], expect.stringContaining(';run=')]);
    world.network.cut('hub', 'x');
    world.clock.runFor(1);
    for (let liars = 0; liars < 3; liars++) {
      world.network
        .transport('liar')
        .connect(parseAddress('memory://hub'))
        .subscribe((duplex) => {
          duplex.write(`${greetings[0] ?? ''}another nonce\n`);
          duplex.incoming$.subscribe();
        });
    }
    world.clock.runFor(100);
    world.network.heal();
    world.clock.runFor(8_000);
    expect([node.upNodes(), hub.upNodes()]).toEqual([['hub'], ['x']]);
    await world.close();
  });

  it('forgets a newcomer that gives up while the old connection is probed (S17)', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const transport = world.network.transport('m');
    const identity = { id: 'm', run: 'one run' };
    // never opened, so it answers no probe
    await puppetNow(world, transport, 'memory://a', identity);
    world.clock.runFor(10);
    expect(node.upNodes()).toEqual(['m']);
    const newcomer = puppet(world, transport, 'memory://a', identity).subscribe();
    world.clock.runFor(100);
    newcomer.unsubscribe();
    world.clock.runFor(30_000);
    expect(node.upNodes()).toEqual([]);
    const again = await puppetNow(world, transport, 'memory://a', identity);
    const { messages } = listenTo(again);
    node.snd('m#port', 'hello');
    world.clock.runFor(100);
    expect(messages).toEqual([['port', 'hello']]);
    again.leave(1_000);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});
