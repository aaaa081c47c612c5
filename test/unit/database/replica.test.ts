import { describe, expect, it } from 'vitest';
import { createLocalShard } from '../../../src/database/core/local-shard.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { createReplica } from '../../../src/database/core/replica.js';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { defaultLimits } from '../../../src/env/limits.js';
import type { DatabaseRequest, Entries } from '../../../src/wire/database.js';
import '../../fixtures/entries.js';

type Sent = readonly [string, DatabaseRequest];
const entries = (object: object): Entries => new Map(Object.entries(object));
const chg1 = (object: object, more = false): DatabaseRequest => ({ kind: 'g_chg1', family: 'fam', content: entries(object), more });
const chg2 = (object: object, del: readonly string[] = []): DatabaseRequest => ({ kind: 'g_chg2', family: 'fam', set: entries(object), del });
const plain = ({ family, add, chg, del }: FamilyChange): object => ({ family: Object.fromEntries(family), add, chg, del });

function make(admit: (entries: Entries) => Entries = (all) => all) {
  const shard = createLocalShard('self', createMerge('self'), defaultLimits);
  let sent: Sent[] = [];
  const changes: FamilyChange[] = [];
  let waiting: (() => void) | undefined;
  const tasks: (() => void)[] = [];
  const replica = createReplica(
    {
      self: 'self',
      send: (master, request) => void sent.push([master, request]),
      admit: (_, all) => admit(all),
      changed: (_, change) => void changes.push(change),
      run: (task) => { tasks.push(task); },
      regrouped(task) {
        waiting = task;
        return () => { waiting = undefined; };
      },
    },
    shard,
  );
  return {
    ...{ shard, replica, changes },
    /** What was sent since the last look. */
    sent(): readonly Sent[] {
      const all = sent;
      sent = [];
      return all;
    },
    /** What runs now is over. */
    idle(): void {
      for (const task of tasks.splice(0)) task();
    },
    /** The other nodes have had time to join the new master. */
    regroup(): void {
      waiting?.();
    },
    master(node: string): void {
      replica.setHolder(node);
      replica.setSource(node);
    },
  };
}

describe('replica', () => {
  it('has one upstream monitor per family, and answers at once what it knows', () => {
    const { replica, sent, master } = make();
    master('m');
    sent();
    expect(replica.open('fam')).toBeUndefined();
    expect(replica.open('fam')).toBeUndefined();
    expect(sent()).toEqual([['m', { kind: 'g_mon1', family: 'fam' }]]);
    replica.receive('m', chg1({ a: 1 }));
    expect(new Map(replica.open('fam')?.current().family)).toEqual(entries({ a: 1 }));
    expect(sent()).toEqual([]);
    replica.close('fam');
    expect(sent()).toEqual([['m', { kind: 'g_mon0', family: 'fam' }]]);
  });

  it('the first change is all there is, also when that is nothing (S26)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({}));
    expect(changes.map(plain)).toEqual([{ family: {}, add: [], chg: [], del: [] }]);
  });

  it('says what is added, changed and deleted, and nothing when nothing is (S26, D6)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1, b: { x: 1, y: 2 } }));
    replica.receive('m', chg2({ a: 2, c: 3 }, ['b', 'none']));
    replica.receive('m', chg2({ a: 2 }, ['none']));
    expect(changes.map(plain)).toEqual([
      { family: { a: 1, b: { x: 1, y: 2 } }, add: ['a', 'b'], chg: [], del: [] },
      { family: { a: 2, c: 3 }, add: ['c'], chg: ['a'], del: ['b'] },
    ]);
  });

  it('snapshots stay as they were, also those that nobody has looked at yet (S27)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1 }));
    replica.receive('m', chg2({ b: 2 }));
    replica.receive('m', chg2({ a: 3 }, ['b']));
    replica.receive('m', chg2({}, ['a']));
    expect(changes.map(({ family }) => Object.fromEntries(family))).toEqual([{ a: 1 }, { a: 1, b: 2 }, { a: 3 }, {}]);
  });

  it('a new master shows as the difference, never as an empty family in between (S28)', () => {
    const { replica, changes, sent, master, regroup } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1, b: 2, d: 4 }));
    sent();
    replica.setHolder(undefined);
    replica.setSource(undefined);
    master('n');
    expect(sent().filter(([to]) => to === 'n').map(([, { kind }]) => kind)).toEqual(['g_slave', 'g_mon1']);
    // what the old one says yet counts no more, nor do changes before the answer
    replica.receive('m', chg2({ z: 1 }));
    replica.receive('n', chg2({ c: 3 }));
    expect(changes).toHaveLength(1);
    replica.receive('n', chg1({ b: 2 }, true));
    expect(changes).toHaveLength(1);
    replica.receive('n', chg1({ c: 3 }));
    expect(changes.map(plain).slice(1)).toEqual([{ family: { a: 1, b: 2, c: 3, d: 4 }, add: ['c'], chg: [], del: [] }]);
    // what it does not know may belong to nodes that are on their way to it
    replica.receive('n', chg2({ d: 4 }));
    regroup();
    expect(changes.map(plain).slice(2)).toEqual([{ family: { b: 2, c: 3, d: 4 }, add: [], chg: [], del: ['a'] }]);
  });

  it('ports of a node that has begun another run are not kept: they go with the answer of the new master, in one change (S28)', () => {
    const { replica, changes, master, regroup } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ 'm#old': 1, 'n#p': 2, m: 3, 'm2#p': 4, '#m': 5 }));
    replica.setHolder(undefined);
    replica.setSource(undefined);
    replica.restarted('m');
    expect(changes).toHaveLength(1);
    master('m');
    replica.receive('m', chg1({ 'm#new': 6 }));
    const all = { 'n#p': 2, m: 3, 'm2#p': 4, '#m': 5, 'm#new': 6 };
    expect(changes.map(plain).slice(1)).toEqual([{ family: all, add: ['m#new'], chg: [], del: ['m#old'] }]);
    regroup();
    expect(changes.map(plain).slice(2)).toEqual([{ family: { 'm#new': 6 }, add: [], chg: [], del: expect.arrayContaining(['n#p', 'm', 'm2#p', '#m']) }]);
  });

  it('and those that are kept already go at once; what the master knows stays (S28)', () => {
    const { replica, changes, master, regroup } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ 'm#old': 1, 'm#held': 2, 'n#p': 3 }));
    master('n');
    replica.receive('n', chg1({ 'm#held': 2 }));
    expect(changes).toHaveLength(1);
    replica.restarted('m');
    expect(changes.map(plain).slice(1)).toEqual([{ family: { 'm#held': 2, 'n#p': 3 }, add: [], chg: [], del: ['m#old'] }]);
    replica.restarted('m');
    replica.receive('n', chg2({ 'n#p': 3 }));
    regroup();
    expect(changes).toHaveLength(2);
    // what it was told of a run that is over is forgotten with the answer
    master('o');
    replica.restarted('m');
    replica.receive('o', chg1({ 'm#held': 2 }));
    master('m');
    replica.receive('m', chg1({}));
    expect(changes.slice(2).map(plain)).toEqual([]);
  });

  it('a new master that knows the same makes no change (S28, D6)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1 }));
    master('n');
    replica.receive('n', chg1({ a: 1 }));
    expect(changes).toHaveLength(1);
  });

  it('half an answer of the old master is forgotten (S28)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1 }, true));
    master('n');
    replica.receive('n', chg1({ b: 2 }));
    expect(changes.map(plain)).toEqual([{ family: { b: 2 }, add: ['b'], chg: [], del: [] }]);
  });

  it('the end of an answer to an older question is not taken for the whole (S26)', () => {
    const { replica, changes, master } = make();
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1 }, true));
    replica.close('fam');
    replica.open('fam');
    replica.receive('m', chg1({ b: 2 }));
    expect(changes).toEqual([]);
    replica.receive('m', chg1({ a: 1, b: 2 }));
    expect(changes.map(plain)).toEqual([{ family: { a: 1, b: 2 }, add: ['a', 'b'], chg: [], del: [] }]);
  });

  it('sends its whole shard to a new master, then one update per family and turn (D8)', () => {
    const { shard, replica, sent, master } = make();
    shard.set('fam', 'a', 1);
    master('m');
    expect(sent()).toEqual([['m', { kind: 'g_slave', db: new Map([['fam', entries({ a: 1 })]]) }]]);
    shard.set('fam', 'b', 2);
    shard.set('fam', 'c', 3);
    shard.del('fam', 'a');
    shard.del('fam', 'c');
    replica.flush();
    expect(sent()).toEqual([['m', { kind: 'g_upd', family: 'fam', set: entries({ b: 2 }), del: ['a'], scope: 'own' }]]);
    replica.flush();
    expect(sent()).toEqual([]);
  });

  it('a query comes after what was set before it', () => {
    const { shard, replica, sent, master } = make();
    master('m');
    sent();
    shard.set('fam', 'a', 1);
    replica.query('g_db_family', 'fam', () => undefined);
    expect(sent().map(([, { kind }]) => kind)).toEqual(['g_upd', 'g_db_family']);
  });

  it('questions survive a change of master; half an answer does not (S21)', () => {
    const { replica, sent, master } = make();
    master('m');
    const answers: unknown[] = [];
    replica.query('g_db_keys', 'fam', (result) => void answers.push(result));
    const cancel = replica.query('g_db_values', 'fam', (result) => void answers.push(result));
    replica.find('x', (addresses) => void answers.push(addresses));
    replica.receive('m', { kind: 'g_reply', id: '1', result: ['old'], more: true });
    cancel();
    sent();
    master('n');
    expect(sent().map(([, request]) => request.kind)).toEqual(['g_slave', 'g_find', 'g_db_keys']);
    replica.receive('n', { kind: 'g_reply', id: '1', result: ['a'], more: true });
    replica.receive('m', { kind: 'g_reply', id: '1', result: ['old'], more: false });
    replica.receive('n', { kind: 'g_reply', id: '1', result: ['b'], more: false });
    replica.receive('n', { kind: 'g_reply', id: '1', result: ['late'], more: false });
    replica.receive('n', { kind: 'g_found', node: 'x', addresses: ['h:1'] });
    expect(answers).toEqual([['a', 'b'], ['h:1']]);
  });

  it('what is not admitted is hidden, also where it takes the place of something that was', () => {
    const { replica, changes, master } = make((all) => new Map([...all].filter(([, value]) => typeof value === 'number')));
    master('m');
    replica.open('fam');
    replica.receive('m', chg1({ a: 1, b: 'no' }));
    replica.receive('m', chg2({ a: 'no', c: 3 }));
    replica.receive('m', chg2({ b: 'still' }));
    expect(changes.map(plain)).toEqual([
      { family: { a: 1 }, add: ['a'], chg: [], del: [] },
      { family: { c: 3 }, add: ['c'], chg: [], del: ['a'] },
    ]);
  });
});
