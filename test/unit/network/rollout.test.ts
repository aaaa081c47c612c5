import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { lines, oneNetwork, setName, startPod, views, type Pod } from './pods.js';

describe('S21: one name for all nodes', () => {
  it('three that first find themselves only become one network', async () => {
    const world = createWorld({ delay: 3 });
    const pods: Pod[] = [];
    for (const host of ['a', 'b', 'c']) {
      setName(world, host);
      pods.push(await startPod(world, host));
      world.clock.runFor(100);
      expect(lines(pods.at(-1)!, 'is this node itself: dropped')).toHaveLength(1);
    }
    // each is alone, and has a database of its own
    expect(views(pods)).toEqual([['', 'a'], ['', 'b'], ['', 'c']]);
    setName(world, 'a', 'b', 'c');
    world.clock.runFor(10_000);
    expect(views(pods)).toEqual(oneNetwork(pods));
    expect(pods.flatMap((pod) => lines(pod, 'is this node itself: dropped'))).toHaveLength(3);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('whatever the order and the time in which the name gets to know them', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = createWorld({ delay: { min: 1, max: 40 }, seed });
      setName(world);
      const pods = await Promise.all(['a', 'b', 'c'].map((host) => startPod(world, host)));
      const known: string[] = [];
      for (const host of ['a', 'b', 'c'].sort(() => world.random.octets(1)[0]! - 128)) {
        world.clock.runFor(world.random.octets(1)[0]! * 20);
        known.push(host);
        setName(world, ...known);
      }
      world.clock.runFor(defaultLimits.nameTime + 10_000);
      expect([seed, views(pods)]).toEqual([seed, oneNetwork(pods)]);
      await world.close();
    }
  });

  it('pods that are replaced one by one, with new addresses and other ids or the same: nobody is left out', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'a', 'b', 'c');
    let pods = await Promise.all(['a', 'b', 'c'].map((host) => startPod(world, host)));
    world.clock.runFor(10_000);
    let addresses = ['a', 'b', 'c'];
    for (const [i, host] of ['d', 'e', 'f'].entries()) {
      void pods[0]!.close();
      world.clock.runFor(1_000);
      addresses = [...addresses.slice(1), host];
      setName(world, ...addresses);
      // a stateful set gives the new pod the name of the old one
      const id = i === 1 ? pods[0]!.id : host;
      const pod = await startPod(world, host, { nodeid: id });
      pods = [...pods.slice(1), pod];
      world.clock.runFor(10_000);
      expect(views(pods)).toEqual(oneNetwork(pods));
    }
    await world.close();
  });

  it('scaled up and down: who comes is found, who goes is forgotten', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'a');
    const a = await startPod(world, 'a');
    world.clock.runFor(5_000);
    setName(world, 'a', 'b', 'c', 'd');
    const others = await Promise.all(['b', 'c', 'd'].map((host) => startPod(world, host)));
    world.clock.runFor(5_000);
    expect(views([a, ...others])).toEqual(oneNetwork([a, ...others]));
    setName(world, 'a', 'b');
    for (const pod of others.slice(1)) void pod.close();
    world.clock.runFor(defaultLimits.nameTime);
    const after = world.network.traffic.writes;
    a.log.lines.length = 0;
    world.clock.runFor(60_000);
    expect([a.upNodes(), lines(a, 'memory://c'), lines(a, 'memory://d')]).toEqual([['b'], [], []]);
    expect(world.network.traffic.writes - after).toBeLessThan(400);
    await world.close();
  });

  it('slaves of a name that stands for the hubs only', async () => {
    const world = createWorld({ delay: 3 });
    setName(world, 'h');
    const h = await startPod(world, 'h');
    const w = await startPod(world, 'w');
    world.clock.runFor(5_000);
    expect(views([h, w])).toEqual(oneNetwork([h, w]));
    // the hub is replaced: its new address is known only to the name
    void h.close();
    setName(world, 'i');
    const i = await startPod(world, 'i');
    world.clock.runFor(5_000);
    expect(views([i, w])).toEqual(oneNetwork([i, w]));
    expect(lines(w, 'this is a global node now')).toEqual([]);
    await world.close();
  });
});
