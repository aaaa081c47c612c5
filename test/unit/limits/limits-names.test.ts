import { defer } from 'rxjs';
import type { Transport } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { lines, setName, startPod } from '../network/pods.js';

describe('limits of a seed that is a name', () => {
  it('nameTime: so long until a name is looked up again; sooner while nobody is connected', async () => {
    const world = createWorld();
    const asked: number[] = [];
    const transport = world.network.transport('a');
    const noted: Transport = {
      ...transport,
      resolve: (address) => {
        const found$ = transport.resolve?.(address);
        return found$ && defer(() => {
          asked.push(world.clock.now());
          return found$;
        });
      },
    };
    setName(world, 'b');
    const options = { binds: [], limits: { nameTime: 3_000 }, transports: [noted], nodeid: 'a' };
    // pauses without chance
    const random = { octets: (count: number) => (count === 4 ? new Uint8Array(4) : world.random.octets(count)) };
    await startPod(world, 'a', { ...options, random });
    world.clock.runFor(11_000);
    expect(asked).toEqual([0, 600, 1_800, 4_200, 7_200, 10_200]);
    const b = await world.start('b');
    world.clock.runFor(11_000);
    const [first = 0, ...next] = asked.slice(6);
    expect(next).toEqual([first + 3_000, first + 6_000]);
    // soon again when the last one is gone
    const lost = world.clock.now();
    void b.close();
    world.clock.runFor(2_000);
    expect(asked.slice(9)).toEqual([lost + 600, lost + 1_800]);
    await world.close();
  });

  it('nameAddresses: of a name that has more, the known ones stay, and the rest is left out', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'b', 'c');
    await Promise.all(['b', 'c', 'd', 'e', 'f'].map((host) => world.start(host, { monitorTimeout: 5_000 })));
    const a = await startPod(world, 'a', { binds: [], limits: { nameAddresses: 3, nameTime: 2_000 } });
    world.clock.runFor(5_000);
    expect(a.upNodes().sort()).toEqual(['b', 'c']);
    setName(world, 'f', 'e', 'd', 'c', 'b');
    world.clock.runFor(20_000);
    expect(a.upNodes().sort()).toEqual(['b', 'c', 'f']);
    expect(lines(a, 'warn')).toEqual(['warn seed memory://pods: pods has 5 addresses: those beyond limits.nameAddresses (3) are left out']);
    await world.close();
  });
});
