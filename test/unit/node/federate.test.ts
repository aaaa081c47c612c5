import { describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { $, current, type NodeScope } from 'rxmp/federation';
import { createWorld } from '../../../marbles/world.js';

interface Present {
  readonly type: 'present';
  readonly who: string;
}

/** Nodes around a seed, each with the scope `room`, and who is present as each of them sees it. */
async function createRoom(hosts: readonly string[], leaves: readonly string[] = []) {
  const world = createWorld({ delay: { min: 1, max: 5 } });
  await world.start('seed', { global: true });
  const rooms = new Map<string, { readonly node: MpNode; readonly scope: NodeScope<Present>; seen: readonly string[]; readonly changes: string[] }>();
  const open = async (host: string): Promise<void> => {
    const node = await world.start(host, { seeds: ['memory://seed'] });
    const scope = node.federate<Present>('room', { serve: !leaves.includes(host) });
    const room = { node, scope, seen: [] as readonly string[], changes: [] as string[] };
    rooms.set(host, room);
    scope.turns({ type: 'present', who: $ }).pipe(current()).subscribe((present) => {
      room.seen = present.map(({ who }) => who).sort();
    });
    scope.observe({ type: 'present', who: $ }).subscribe(({ kind, captures }) => room.changes.push(`${kind} ${captures.who}`));
    scope.assert({ type: 'present', who: host });
  };
  for (const host of hosts) await open(host);
  return {
    ...world,
    rooms,
    open,
    room(host: string) {
      const room = rooms.get(host);
      if (room === undefined) throw new Error(`there is no ${host}`);
      return room;
    },
    run: (ms: number): void => { world.clock.runFor(ms); },
    seen: () => Object.fromEntries([...rooms].map(([host, { seen }]) => [host, seen])),
    /** How many links there are: in a tree one less than scopes. */
    links: () => [...rooms.values()].reduce((sum, { scope }) => sum + scope.inspect().links.length, 0) / 2,
  };
}

const all = (hosts: readonly string[]) => Object.fromEntries(hosts.map((host) => [host, [...hosts].sort()]));

describe('node.federate', () => {
  const hosts = ['c', 'a', 'd', 'b'];

  it('makes one scope of those of a name, as a tree', async () => {
    const { run, seen, links, room } = await createRoom(hosts);
    run(5_000);
    expect(seen()).toEqual(all(hosts));
    expect(links()).toBe(3);
    expect(room('a').changes).toEqual(expect.arrayContaining(['add a', 'add b', 'add c', 'add d']));
    expect(room('a').changes).toHaveLength(4);
  });

  it('takes back what a closed node asserted, and nothing else', async () => {
    const { run, seen, room, rooms } = await createRoom(hosts);
    run(5_000);
    room('d').changes.length = 0;
    void room('c').node.close();
    rooms.delete('c');
    run(100);
    expect(seen()).toEqual({ a: ['a', 'b', 'd'], b: ['a', 'b', 'd'], d: ['a', 'b', 'd'] });
    expect(room('d').changes).toEqual(['del c']);
  });

  it('finds another way when the node in the middle is lost', async () => {
    const { run, seen, links, rooms, network } = await createRoom(hosts);
    run(5_000);
    network.partition([['a'], ['b', 'c', 'd', 'seed']]);
    rooms.delete('a');
    run(10_000);
    expect(seen()).toEqual(all(['b', 'c', 'd']));
    expect(links()).toBe(2);
  });

  it.each([1, 2, 3, 4])('does not wait for a lost node that is looked for among the seeds, once its entry is gone (seed %i)', async (seed) => {
    const world = createWorld({ delay: { min: 1, max: 5 }, seed });
    const present: Record<string, readonly string[]> = {};
    // the one in the middle is the first seed, too
    for (const [host, ...seeds] of [['a'], ['b', 'a'], ['c', 'a', 'b']] as const) {
      const node = await world.start(host, { seeds: seeds.map((name) => `memory://${name}`), monitorTimeout: 30_000 });
      const scope = node.federate<Present>('room');
      scope.turns({ type: 'present', who: $ }).pipe(current()).subscribe((now) => { present[host] = now.map(({ who }) => who).sort(); });
      scope.assert({ type: 'present', who: host });
      world.clock.runFor(3_000);
    }
    expect(present).toEqual(all(['a', 'b', 'c']));
    world.network.crash('a');
    world.clock.runFor(100);
    expect(present).toMatchObject({ b: ['b'], c: ['c'] });
    world.clock.runFor(5_000);
    expect(present).toMatchObject({ b: ['b', 'c'], c: ['b', 'c'] });
  });

  it('is two scopes during a partition, and one when it heals, each observer seeing the union of its side', async () => {
    const { run, seen, network } = await createRoom(hosts);
    run(5_000);
    network.partition([['a', 'b', 'seed'], ['c', 'd']]);
    run(10_000);
    expect(seen()).toMatchObject({ a: ['a', 'b'], b: ['a', 'b'] });
    network.heal();
    run(60_000);
    expect(seen()).toEqual(all(hosts));
  });

  it('has leaves that nobody links to', async () => {
    const { run, seen, room, node } = await createRoom(hosts, ['c', 'd']).then((world) => ({ ...world, node: world.room('a').node }));
    run(5_000);
    expect(seen()).toEqual(all(hosts));
    expect(room('c').scope.inspect().links).toHaveLength(1);
    let entries: readonly string[] = [];
    node.dbKeys('federation:room').subscribe((keys) => { entries = keys; });
    run(100);
    expect(entries.map((id) => id.split('#')[0]).sort()).toEqual(['a', 'b']);
  });

  it('tells of its links, and closes them', async () => {
    const { run, room, links, seen, rooms } = await createRoom(['a', 'b']);
    const states: string[] = [];
    room('b').scope.status$.subscribe({ next: ({ state }) => states.push(state), complete: () => states.push('closed') });
    run(5_000);
    room('b').scope.close();
    rooms.delete('b');
    run(100);
    expect(states).toEqual(['up', 'closed']);
    expect(links()).toBe(0);
    expect(seen()).toEqual({ a: ['a'] });
  });

  it('refuses a name that no family can have', async () => {
    const { room } = await createRoom(['a']);
    expect(() => room('a').node.federate('no name')).toThrow('is no family');
  });
});
