import type { FamilyChange, MpNode } from 'rxmp';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { isPortId, nodeOf } from '../../../src/wire/portid.js';

const register = (node: MpNode): void => {
  node.dbReg('echo', node.rcv(node.port(), { echo: (text: string, reply: string) => node.snd(reply, text) }));
};

/** All that somebody sees of the family, and which ports of dead runs are among it although he is connected with the new run. */
function watch(network: TestNetwork, watcher: MpNode, dead: ReadonlySet<string>) {
  const seen: FamilyChange[] = [];
  const wrong: string[] = [];
  watcher.dbMon('echo').subscribe((change) => {
    seen.push(change);
    for (const key of change.family.keys()) if (dead.has(key) && watcher.nodeIsUp(nodeOf(key)) === true) wrong.push(`${network.clock.now()} ${key}`);
  });
  return { seen, wrong, keys: (): string[] => [...(seen.at(-1)?.family.keys() ?? [])] };
}

describe('S28: what a node knows to be dead it does not show', () => {
  it.each([false, true])('a hub that is killed and starts again, for clients that have no other master (machine gone: %s)', async (silent) => {
    await using network = createNetwork({ seed: 3 });
    await network.node('hub', { start: register });
    const client = await network.node('client', { seeds: ['hub'] });
    const dead = new Set<string>();
    const watched = watch(network, client, dead);
    await network.until(() => watched.keys().length === 1, 2_000);
    for (let round = 0; round < 5; round++) {
      const [old = ''] = watched.keys();
      dead.add(old);
      network.crash('hub', { silent });
      await network.run(1_500);
      const before = watched.seen.length;
      await network.restart('hub');
      await network.until(() => watched.keys().some((key) => !dead.has(key)), 5_000);
      expect(watched.keys().filter((key) => dead.has(key))).toEqual([]);
      // one change where the new port is there when the client asks, and never a third
      expect(watched.seen.length - before).toBeLessThanOrEqual(2);
      const now = watched.keys();
      await network.run(5_000);
      expect([watched.keys(), watched.wrong]).toEqual([now, []]);
    }
  });

  it('a master that comes back as another run while its slaves are with another one', async () => {
    await using network = createNetwork({ seed: 4 });
    await network.node('a', { global: true, seeds: ['b'], start: register });
    await network.node('b', { global: true, seeds: ['a'] });
    const client = await network.node('client', { seeds: ['a', 'b'] });
    const dead = new Set<string>();
    const watched = watch(network, client, dead);
    await network.until(() => watched.keys().length === 1, 5_000);
    const [old = ''] = watched.keys();
    dead.add(old);
    expect(isPortId(old)).toBe(true);
    network.crash('a');
    await network.run(50);
    // it may be that only the way to it is gone
    expect(watched.keys()).toEqual([old]);
    await network.restart('a');
    await network.until(() => client.nodeIsUp('a') === true, 2_000);
    await network.run(0);
    expect(watched.keys()).not.toContain(old);
    await network.until(() => watched.keys().length === 1, 2_000);
    expect(watched.wrong).toEqual([]);
  });

  it('the same run that is back keeps its ports', async () => {
    await using network = createNetwork({ seed: 5 });
    await network.node('hub', { start: register });
    const client = await network.node('client', { seeds: ['hub'] });
    const watched = watch(network, client, new Set());
    await network.until(() => watched.keys().length === 1, 2_000);
    const heal = network.cut('hub', 'client');
    await network.run(3_000);
    heal();
    await network.run(10_000);
    // that nobody vouches for it in between is told, and nothing else (V12)
    expect(watched.seen.map(({ add, chg, del, current }) => [add.length, chg.length + del.length, current])).toEqual([[1, 0, true], [0, 0, false], [0, 0, true]]);
  });
});
