import { describe, expect, it } from 'vitest';
import type { MpNode, NodeOptions } from 'rxmp';
import { $, current, type LinkStatus, type NodeScope, type UplinkStatus } from 'rxmp/federation';
import { createWorld, type RecordedLog } from '../../../marbles/world.js';

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
    // nobody is linked through it
    const leaf = hosts.find((host) => room(host).scope.inspect().links.length === 1) ?? '';
    const others = hosts.filter((host) => host !== leaf).sort();
    for (const host of others) room(host).changes.length = 0;
    void room(leaf).node.close();
    rooms.delete(leaf);
    run(100);
    expect(seen()).toEqual(all(others));
    for (const host of others) expect(room(host).changes).toEqual([`del ${leaf}`]);
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
    expect(states).toEqual(['connecting', 'up', 'closed']);
    expect(links()).toBe(0);
    expect(seen()).toEqual({ a: ['a'] });
  });

  describe('private nodes', () => {
    /** A hub with a scope, if `federates`, and two pages that know only the hub. */
    const pages = async (hub: string, federates = true) => {
      const world = createWorld({ delay: { min: 1, max: 5 } });
      const present: Record<string, readonly string[]> = {};
      const statuses: Record<string, (LinkStatus | UplinkStatus)[]> = {};
      const logs: Record<string, RecordedLog> = {};
      const join = async (host: string, options: NodeOptions): Promise<NodeScope<Present>> => {
        const node = await world.start(host, options);
        logs[host] = node.log;
        const scope = node.federate<Present>('room');
        const log: (LinkStatus | UplinkStatus)[] = statuses[host] = [];
        scope.status$.subscribe((status) => log.push(status));
        scope.turns({ type: 'present', who: $ }).pipe(current()).subscribe((now) => { present[host] = now.map(({ who }) => who).sort(); });
        scope.assert({ type: 'present', who: host });
        return scope;
      };
      if (federates) await join(hub, { global: true });
      else await world.start(hub, { global: true, relay: false });
      for (const page of ['p1', 'p2']) await join(page, { binds: [], seeds: [`memory://${hub}`] });
      return { ...world, join, present, statuses, logs };
    };

    it.each(['a', 'p', 'z'])('join through a hub that federates, whatever the order of their ids: %s', async (hub) => {
      const { clock, present } = await pages(hub);
      clock.runFor(5_000);
      expect(present).toEqual(all([hub, 'p1', 'p2']));
    });

    it('when nobody can be reached, as behind a hub that passes nothing on, the status says whom the node asks, why it failed, and when it goes on; the log says it once', async () => {
      const { clock, statuses, logs } = await pages('z', false);
      clock.runFor(60_000);
      const asked = statuses['p2']?.filter(({ state }) => state === 'connecting') ?? [];
      expect(asked[0]).toEqual({ state: 'connecting', node: 'p1' });
      expect(statuses['p2']?.[1]).toMatchObject({ state: 'failed', node: 'p1', error: { message: expect.stringContaining('it passes nothing on') as string } });
      // less and less often
      expect(asked.length).toBeGreaterThan(5);
      expect(asked.length).toBeLessThan(20);
      expect(statuses['p2']?.at(-1)).toMatchObject({ retryIn: 10_000 });
      expect(logs['p2']?.lines.filter((line) => line.includes('room'))).toEqual([expect.stringMatching(/^info the scope room got no link from p1: .*it passes nothing on .*; others are asked first from now on$/)]);
    });

    it('who came too early joins when somebody comes whom both reach', async () => {
      const { clock, join, present } = await pages('z', false);
      clock.runFor(30_000);
      await join('y', { seeds: ['memory://z'] });
      clock.runFor(15_000);
      expect(present).toEqual(all(['p1', 'p2', 'y']));
    });
  });

  it('an entry that never answers is left for another one', async () => {
    const { run, open, room, seen, rooms } = await createRoom(['c']);
    run(2_000);
    const { node } = room('c');
    // it takes requests for links, and is silent
    const silent = node.rcv(node.port(), () => undefined);
    node.dbReg('federation:room', silent, { listens: true });
    rooms.delete('c');
    run(1_000);
    await open('d');
    const states: string[] = [];
    room('d').scope.status$.subscribe((status) => states.push(status.state === 'failed' ? status.error.message : status.state));
    run(30_000);
    expect(seen()).toEqual({ d: ['c', 'd'] });
    expect(states).toContain('up');
  });

  it('a link that does not last is asked for again later and later', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('a', { global: true });
    const entry = hub.port<['link', string]>();
    let asked = 0;
    // it links, says hello, and breaks the link
    void hub.rcv(entry, {
      link(other) {
        asked++;
        const own = hub.port();
        hub.snd(other, 'linked', own.id);
        hub.snd(other, 'turn', [['hello', 2, `a ${asked}`, [0, 0, [`a ${asked}`]]]]);
        world.clock.after(10, () => { hub.kil(own, 'on purpose'); });
      },
    });
    hub.dbReg('federation:room', entry, { listens: true });
    const node = await world.start('b', { seeds: ['memory://a'] });
    const ups: number[] = [];
    node.federate('room').status$.subscribe(({ state }) => { if (state === 'up') ups.push(world.clock.now()); });
    world.clock.runFor(60_000);
    const pauses = ups.slice(1).map((time, i) => time - ups[i]!);
    expect(pauses.length).toBeGreaterThan(5);
    expect(pauses.length).toBeLessThan(15);
    expect(pauses.at(-1)).toBeGreaterThan(9_000);
  });

  it('refuses a name that no family can have', async () => {
    const { room } = await createRoom(['a']);
    expect(() => room('a').node.federate('no name')).toThrow('is no family');
  });
});
