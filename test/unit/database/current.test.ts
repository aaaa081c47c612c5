import { describe, expect, it } from 'vitest';
import { createLocalShard } from '../../../src/database/core/local-shard.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { createReplica } from '../../../src/database/core/replica.js';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { defaultLimits } from '../../../src/env/limits.js';
import type { DatabaseRequest } from '../../../src/wire/database.js';
import { createNetwork } from '../../../src/testing/index.js';
import '../../fixtures/entries.js';

const plain = ({ family, add, chg, del, current }: FamilyChange) => ({ family: Object.fromEntries(family), add, chg, del, current });
const nothing = { add: [], chg: [], del: [] };
const map = (object: object) => new Map<string, unknown>(Object.entries(object));

/** A replica whose master is `m`, and what it tells of the family `fam`, which has `a`. */
function make() {
  const changes: FamilyChange[] = [];
  const asked: DatabaseRequest[] = [];
  const tasks: (() => void)[] = [];
  const replica = createReplica({
    self: 'self',
    send: (_, request) => asked.push(request),
    admit: (_, entries) => entries,
    changed: (_, change) => changes.push(change),
    run: (task) => tasks.push(task),
    regrouped: () => () => undefined,
  }, createLocalShard('self', createMerge('self'), defaultLimits));
  const says = (from: string, content: object, family = 'fam'): void => { replica.receive(from, { kind: 'g_chg1', family, content: map(content), more: false }); };
  replica.setSource('m');
  replica.open('fam');
  says('m', { a: 1 });
  return {
    ...{ replica, says },
    idle: () => {
      for (const task of tasks.splice(0)) task();
    },
    /** What was told since the last look. */
    changes: () => changes.splice(0).map(plain),
    asked: () => asked.splice(0),
  };
}

describe('V12: whether a master vouches for what is shown', () => {
  it('does as soon as it has answered; when it goes and there is no other, that is a change', () => {
    const { replica, changes, idle } = make();
    expect(changes()).toEqual([{ family: { a: 1 }, add: ['a'], chg: [], del: [], current: true }]);
    const before = replica.open('fam')?.current().family;
    replica.setSource(undefined);
    expect(changes(), 'nothing is told in the middle of it').toEqual([]);
    idle();
    expect(changes()).toEqual([{ family: { a: 1 }, ...nothing, current: false }]);
    expect(replica.open('fam')?.current().family, 'the very same').toBe(before);
    idle();
    expect(changes()).toEqual([]);
  });

  it('who comes while there is none gets what was last known, and is told that it is no more than that', () => {
    const { replica, idle } = make();
    replica.setSource(undefined);
    idle();
    expect(plain(replica.open('fam')!.current())).toEqual({ family: { a: 1 }, add: ['a'], chg: [], del: [], current: false });
    expect(replica.open('other'), 'nothing is known').toBeUndefined();
  });

  it.each([
    ['with the difference', { a: 2, b: 3 }, { family: { a: 2, b: 3 }, add: ['b'], chg: ['a'], del: [], current: true }],
    ['also where there is none', { a: 1 }, { family: { a: 1 }, ...nothing, current: true }],
  ])('is said when a master has answered again, %s', (_, content, change) => {
    const { replica, says, changes, idle } = make();
    replica.setSource(undefined);
    idle();
    changes();
    replica.setSource('n');
    expect(changes()).toEqual([]);
    says('n', content);
    expect(changes()).toEqual([change]);
  });

  it('is not told where another master is at hand', () => {
    const { replica, says, changes, idle } = make();
    changes();
    replica.setSource(undefined);
    replica.setSource('n');
    idle();
    says('n', { a: 1 });
    expect(changes()).toEqual([]);
    replica.setSource('o');
    idle();
    says('o', { a: 1 });
    expect(changes()).toEqual([]);
  });

  it('a link that is suspended is as none; when it goes on, what has changed comes first, then that it is current', () => {
    const { replica, changes, asked } = make();
    changes();
    asked();
    replica.setSuspended(true);
    replica.setSuspended(true);
    expect(changes()).toEqual([{ family: { a: 1 }, ...nothing, current: false }]);
    replica.setSuspended(false);
    const [question] = asked();
    expect([question?.kind, changes()]).toEqual(['g_db_keys', []]);
    replica.receive('m', { kind: 'g_chg2', family: 'fam', set: map({ b: 2 }), del: [] });
    replica.receive('m', { kind: 'g_reply', id: (question as { id: string }).id, result: [], more: false });
    expect(changes()).toEqual([
      { family: { a: 1, b: 2 }, add: ['b'], chg: [], del: [], current: false },
      { family: { a: 1, b: 2 }, ...nothing, current: true },
    ]);
  });

  it('nor is it current when the link is suspended again before the master has told all', () => {
    const { replica, changes, asked } = make();
    replica.setSuspended(true);
    asked();
    replica.setSuspended(false);
    const [question] = asked();
    replica.setSuspended(true);
    changes();
    replica.receive('m', { kind: 'g_reply', id: (question as { id: string }).id, result: [], more: false });
    expect(changes()).toEqual([]);
  });

  it('a family that is asked for meanwhile is current with its answer, and not told so twice', () => {
    const { replica, says, changes, asked } = make();
    replica.setSuspended(true);
    replica.open('late');
    changes();
    asked();
    replica.setSuspended(false);
    const [question] = asked();
    const caughtUp = (): void => { replica.receive('m', { kind: 'g_reply', id: (question as { id: string }).id, result: [], more: false }); };
    says('m', { x: 1 }, 'late');
    caughtUp();
    expect(changes()).toEqual([
      { family: { x: 1 }, add: ['x'], chg: [], del: [], current: true },
      { family: { a: 1 }, ...nothing, current: true },
    ]);
  });
});

describe('V12: what a node is told in a network', () => {
  const told = (changes: FamilyChange[]) => changes.splice(0).map(({ family, current }) => [[...family.keys()].sort().join(), current]);

  it('its only master is cut off, and comes back; one that has another notices nothing', async () => {
    await using network = createNetwork({ seed: 1, delay: 1 });
    await network.node('hub');
    const hub2 = await network.node('hub2', { seeds: ['hub'], global: true });
    const one = await network.node('one', { seeds: ['hub'] });
    const both = await network.node('both', { seeds: ['hub', 'hub2'] });
    hub2.dbSet('fam', 'k');
    await network.run(100);
    const [ofOne, ofBoth, ofHub]: FamilyChange[][] = [[], [], []];
    one.dbMon('fam').subscribe((change) => ofOne!.push(change));
    both.dbMon('fam').subscribe((change) => ofBoth!.push(change));
    hub2.dbMon('fam').subscribe((change) => ofHub!.push(change));
    await network.run(100);
    expect([told(ofOne!), told(ofBoth!), told(ofHub!)]).toEqual([[['k', true]], [['k', true]], [['k', true]]]);
    const heals = [network.cut('hub', 'one'), network.cut('hub', 'both')];
    await network.run(500);
    expect([told(ofOne!), told(ofBoth!), told(ofHub!)]).toEqual([[['k', false]], [], []]);
    for (const heal of heals) heal();
    await network.run(5_000);
    expect([told(ofOne!), told(ofBoth!), told(ofHub!)]).toEqual([[['k', true]], [], []]);
  });

  it('the keys of others stay as they were last known; those that went meanwhile go when it is current again', async () => {
    await using network = createNetwork({ seed: 2, delay: 1 });
    const hub = await network.node('hub');
    const client = await network.node('client', { seeds: ['hub'] });
    const guard = hub.dbSet('fam', 'k');
    const changes: FamilyChange[] = [];
    client.dbMon('fam').subscribe((change) => changes.push(change));
    await network.run(100);
    told(changes);
    const heal = network.cut('hub', 'client');
    guard.unsubscribe();
    hub.dbSet('fam', 'new');
    await network.run(500);
    expect(told(changes)).toEqual([['k', false]]);
    heal();
    await network.run(20_000);
    // what a new master does not know is shown for limits.regroupTime more (S28)
    expect(told(changes)).toEqual([['k,new', true], ['new', true]]);
  });

  it('a node that is its own master, since it has no seeds, or is global, is always current', async () => {
    await using network = createNetwork({ seed: 3, delay: 1 });
    const alone = await network.node('alone');
    const changes: FamilyChange[] = [];
    alone.dbMon('fam').subscribe((change) => changes.push(change));
    alone.dbSet('fam', 'k');
    await network.run(100);
    expect(told(changes)).toEqual([['', true], ['k', true]]);
  });
});
