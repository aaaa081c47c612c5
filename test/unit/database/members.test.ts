import { describe, expect, it } from 'vitest';
import { createMembers } from '../../../src/database/core/members.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { HEARD } from '../../../src/database/core/names.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import type { Entries, Scope, Shard } from '../../../src/wire/database.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import '../../fixtures/entries.js';

const entries = (object: object): Entries => new Map(Object.entries(object));
const shard = (object: Record<string, object>): Shard => new Map(Object.entries(object).map(([family, inner]) => [family, entries(inner)]));

/** What the global node `g` knows of others; names of those of rxmp begin with rx. */
function make(limits: Partial<Limits> = {}) {
  const merge = createMerge('g');
  const members = createMembers(merge, { ...defaultLimits, ...limits }, (node) => node.startsWith('rx'));
  return {
    members,
    slave: (node: string, fam: object, others: Record<string, object> = {}) => { members.setSlave(node, shard({ fam, ...others })); },
    told: (node: string, fam: object, more = false) => { members.setMerged(node, shard({ fam }), more); },
    sets: (node: string, set: object, del: readonly string[] = [], scope: Scope = 'own', family = 'fam') => {
      members.update(node, { kind: 'g_upd', family, set: entries(set), del, scope });
    },
    /** What all see of a family, and what the other globals are told of it. */
    shows: (family = 'fam') => [merge.visible(family), merge.own().get(family) ?? new Map()].map((all) => Object.fromEntries(all) as object),
  };
}

describe('the shard of a slave', () => {
  it('is from now on what the slave says anew', () => {
    const { slave, shows } = make();
    slave('s', { a: 1, b: 1, c: 1 }, { other: { x: 1 }, gone: { y: 1 } });
    slave('t', { c: 't' });
    slave('s', { b: 2, d: 4 }, { other: { x: 1 } });
    expect([shows(), shows('other'), shows('gone')]).toEqual([
      [{ b: 2, c: 't', d: 4 }, { b: 2, c: 't', d: 4 }],
      [{ x: 1 }, { x: 1 }],
      [{}, {}],
    ]);
    slave('s', {});
    expect([shows(), shows('other')]).toEqual([[{ c: 't' }, { c: 't' }], [{}, {}]]);
  });

  it('may be as large as the limits say, whatever it was before; beyond them nothing changes (D9)', () => {
    const { slave, sets, shows } = make({ shardKeys: 2 });
    slave('s', { a: 1, b: 1 });
    slave('s', { c: 1, d: 1 });
    sets('s', { e: 1 }, ['c']);
    expect(shows()[0]).toEqual({ d: 1, e: 1 });
    expect(() => { slave('s', { x: 1, y: 1, z: 1 }); }).toThrow(ProtocolError);
    expect(() => { sets('s', { x: 1 }); }).toThrow('the shard of s would have 3 keys: limits.shardKeys is 2');
    expect(shows()[0]).toEqual({ d: 1, e: 1 });
  });

  it('takes an update with both parts in one message, which looks like one of a global', () => {
    const { slave, sets, shows } = make();
    slave('s', { a: 1, b: 1 });
    sets('s', { b: 2 }, ['a'], 'merged');
    expect(shows()).toEqual([{ b: 2 }, { b: 2 }]);
  });

  it('goes with the slave, and so does all that a global has told, once', () => {
    const { members, slave, told, shows } = make();
    slave('s', { a: 1 });
    members.meets('p', false);
    told('p', { b: 2 });
    slave('p', { c: 3 });
    expect([shows()[0], members.globals(), members.hasTold('p'), members.hasTold('s'), members.hasTold('none')]).toEqual([{ a: 1, b: 2, c: 3 }, ['p'], true, false, false]);
    expect([members.forget('p'), members.forget('p'), shows()[0], members.globals()]).toEqual([true, false, { a: 1 }, []]);
    expect([members.forget('s'), shows()]).toEqual([true, [{}, {}]]);
  });
});

describe('what a global tells', () => {
  it('comes in pieces, and is complete with the last', () => {
    const { members, told, shows } = make();
    members.meets('h', false);
    told('h', { a: 1 }, true);
    expect([members.hasTold('h'), shows()]).toEqual([false, [{ a: 1 }, {}]]);
    told('h', { b: 2 });
    expect([members.hasTold('h'), shows()]).toEqual([true, [{ a: 1, b: 2 }, {}]]);
  });

  it('is of a global, though it has not introduced itself', () => {
    const { members, told, shows } = make();
    told('h', { a: 1 });
    expect([shows(), members.globals()]).toEqual([[{ a: 1 }, {}], ['h']]);
  });

  it('takes the place of what it told before, when it introduces itself again', () => {
    const { members, told, shows } = make();
    members.meets('h', false);
    told('h', { a: 1, b: 2 });
    told('h', { c: 3 });
    expect(shows()[0], 'no new introduction').toEqual({ a: 1, b: 2, c: 3 });
    members.meets('h', false);
    expect(shows()[0], 'nothing goes before it tells').toEqual({ a: 1, b: 2, c: 3 });
    told('h', { b: 2 }, true);
    expect(shows()[0]).toEqual({ b: 2 });
    told('h', { d: 4 });
    told('h', { e: 5 });
    expect(shows()[0], 'the later pieces are added').toEqual({ b: 2, d: 4, e: 5 });
  });

  it('has room for the shards of all its slaves, and no more (D9)', () => {
    const { members, told, sets, shows } = make({ shardKeys: 2, peerShards: 2 });
    members.meets('h', false);
    told('h', { a: 1, b: 1, c: 1, d: 1 });
    sets('h', { e: 1 }, ['a'], 'merged');
    const text = 'the shard of h would have 5 keys: limits.shardKeys is 2, and limits.peerShards 2';
    expect(() => { sets('h', { f: 1 }, [], 'merged'); }).toThrow(text);
    expect(() => { told('h', { f: 1 }); }).toThrow(text);
    expect(Object.keys(shows()[0] ?? {}).sort()).toEqual(['b', 'c', 'd', 'e']);
  });

  it('is whom it has heard (S28)', () => {
    const { members, slave, sets } = make();
    expect(members.hasHeard('h', 'i')).toBe(false);
    slave('h', {}, { [HEARD]: { i: null } });
    expect(members.hasHeard('h', 'i'), 'it is no global').toBe(false);
    members.meets('h', false);
    sets('h', { i: null }, [], 'merged', HEARD);
    expect([members.hasHeard('h', 'i'), members.hasHeard('h', 'j')]).toEqual([true, false]);
  });
});

describe('a global of AnyEvent::MP that makes this node its master (wire.md §6)', () => {
  it('is spoken for only when it has told of itself', () => {
    const { members, slave, told, shows } = make();
    members.isGlobal('p');
    slave('p', { a: 1 });
    expect(shows(), 'it may tell the same itself').toEqual([{ a: 1 }, {}]);
    told('p', {}, true);
    expect(shows()).toEqual([{ a: 1 }, {}]);
    told('p', {});
    expect(shows()).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('is spoken for at once when it has told before', () => {
    const { members, slave, sets, told, shows } = make();
    members.meets('p', false);
    told('p', {});
    slave('p', { a: 1 });
    expect(shows()).toEqual([{ a: 1 }, { a: 1 }]);
    members.meets('q', false);
    told('q', {});
    sets('q', { b: 2 });
    expect(shows(), 'what it says before it is a slave is of its own slaves').toEqual([{ a: 1, b: 2 }, { a: 1 }]);
  });

  it('was a slave: it tells itself what it had, until it says something as a slave again', () => {
    const { members, slave, sets, told, shows } = make();
    slave('p', { a: 1, b: 1, c: 1 });
    members.meets('p', false);
    expect(shows()).toEqual([{ a: 1, b: 1, c: 1 }, {}]);
    told('p', {});
    expect(shows()).toEqual([{ a: 1, b: 1, c: 1 }, {}]);
    // what it changes as a global it does not have as a slave any more
    sets('p', { a: 2 }, ['b'], 'merged');
    sets('p', {}, ['a'], 'merged');
    expect(shows()).toEqual([{ c: 1 }, {}]);
    sets('p', { d: 1 });
    expect(shows()).toEqual([{ c: 1, d: 1 }, { c: 1, d: 1 }]);
    // and now it does
    sets('p', { c: 2 }, [], 'merged');
    sets('p', {}, ['c'], 'merged');
    expect(shows()).toEqual([{ c: 1, d: 1 }, { c: 1, d: 1 }]);
  });

  it('keeps as a slave, when it introduces itself again, only what it tells as a global', () => {
    const { members, slave, sets, told, shows } = make();
    for (const isSlave of [false, true]) {
      slave('p', { a: 1, b: 1 });
      members.meets('p', false);
      told('p', {});
      members.meets('p', false);
      if (isSlave) sets('p', { c: 1 });
      told('p', { a: 1 });
      expect(shows()[0]).toEqual(isSlave ? { a: 1, b: 1, c: 1 } : { a: 1 });
      members.forget('p');
    }
  });

  it('may set again what it has so lost', () => {
    const { members, slave, sets, told, shows } = make();
    slave('p', { a: 1 });
    for (let i = 0; i < 2; i++) {
      members.meets('p', false);
      told('p', {});
    }
    expect(shows()).toEqual([{}, {}]);
    sets('p', { a: 2 });
    expect(shows()).toEqual([{ a: 2 }, { a: 2 }]);
  });

  it('has lost a key that its slaves set: it takes that back only as a global', () => {
    const { members, slave, sets, told, shows } = make();
    slave('p', { a: 1 });
    for (let i = 0; i < 2; i++) {
      members.meets('p', false);
      told('p', {});
    }
    told('p', { a: 1 });
    sets('p', {}, ['a']);
    expect(shows()[0]).toEqual({ a: 1 });
    sets('p', {}, ['a'], 'merged');
    expect(shows()[0]).toEqual({});
  });

  it.each<[string, object, (does: ReturnType<typeof make>) => void, object]>([
    ['it means that as a slave, too, when it changes it', { k: 1 }, ({ sets }) => { sets('p', { k: 2 }); }, {}],
    ['also when it says all anew', { k: 1 }, ({ slave }) => { slave('p', { k: 2 }, { other: { k: 1 } }); }, {}],
    ['or deletes it', { k: 1 }, () => undefined, {}],
    ['but not what its slaves have set, too, since', { k: 1 }, ({ sets }) => { sets('p', { k: 1 }, [], 'merged'); }, { k: 1 }],
    ['nor what they have, while it speaks as a slave', { k: 1 }, ({ sets }) => {
      sets('p', { another: 1 });
      sets('p', { k: 1 }, [], 'merged');
      sets('p', {}, ['another']);
    }, { k: 1 }],
    ['or have set to something else', { k: 9 }, () => undefined, { k: 9 }],
    ['or what it has deleted since', { k: 1 }, ({ sets }) => {
      sets('p', {}, ['k']);
      sets('p', { k: 1 });
    }, {}],
  ])('has told a key that it brought as a slave as a global: %s', (_, first, then, left) => {
    const made = make();
    made.slave('p', { k: 1 }, { other: { k: 1 } });
    made.members.meets('p', false);
    made.told('p', first);
    then(made);
    made.sets('p', {}, ['k']);
    expect([made.shows(), made.shows('other')[0]]).toEqual([[left, {}], { k: 1 }]);
  });

  it.each<[string, (does: ReturnType<typeof make>) => void]>([
    ['it has never had as a slave', ({ slave }) => { slave('p', {}); }],
    ['it had no longer, when it came anew', ({ slave }) => {
      slave('p', { k: 1 });
      slave('p', {});
    }],
    ['it had deleted, as a slave, before', ({ slave, sets }) => {
      slave('p', { k: 1 });
      sets('p', {}, ['k']);
    }],
    ['it has set as a slave later', ({ slave, sets }) => {
      slave('p', {});
      sets('p', { k: 1 });
    }],
  ])('has told a key as a global that %s: that is of its slaves, and stays', (_, before) => {
    const made = make();
    before(made);
    made.members.meets('p', false);
    made.told('p', { k: 1 });
    made.sets('p', { k: 1 });
    made.sets('p', { k: 2 });
    made.sets('p', {}, ['k']);
    expect(made.shows()).toEqual([{ k: 1 }, {}]);
  });
});

describe('a node of rxmp that becomes global', () => {
  it('tells all as a global: what it said as a slave counts no more then', () => {
    const { members, slave, told, sets, shows } = make();
    slave('rx', { a: 1, b: 1 });
    members.isGlobal('rx');
    expect([members.meets('rx', false), members.isVouched('rx')]).toEqual([false, false]);
    expect(shows()).toEqual([{ a: 1, b: 1 }, {}]);
    told('rx', { a: 1 }, true);
    expect(shows()[0]).toEqual({ a: 1, b: 1 });
    told('rx', {});
    expect(shows()).toEqual([{ a: 1 }, {}]);
    // it has no shard as a slave now: others are told nothing of this
    sets('rx', { c: 3 });
    expect(shows()).toEqual([{ a: 1, c: 3 }, {}]);
  });

  it('is vouched for until others have heard it: only what it had, and only once', () => {
    const { members, slave, told, sets, shows } = make();
    slave('rx', { a: 1, b: 1 });
    expect([members.meets('rx', true), members.isVouched('rx')]).toEqual([true, true]);
    told('rx', { a: 2, c: 3 }, true);
    expect(shows(), 'nothing has gone, as long as more may come').toEqual([expect.objectContaining({ b: 1, c: 3 }), { a: 1, b: 1 }]);
    told('rx', { b: 1 });
    sets('rx', { d: 4 }, [], 'merged');
    expect(shows()).toEqual([{ a: 2, b: 1, c: 3, d: 4 }, { a: 2, b: 1 }]);
    expect(members.meets('rx', true), 'it has told already').toBe(false);
    members.stopVouching('rx');
    members.stopVouching('rx');
    expect([members.isVouched('rx'), shows()]).toEqual([false, [{ a: 2, b: 1, c: 3, d: 4 }, {}]]);
    sets('rx', { e: 5 });
    expect(shows()[1]).toEqual({});
  });

  it('is vouched for in each of its families', () => {
    const { members, slave, told, sets, shows } = make();
    slave('rx', { a: 1 }, { other: { b: 1 } });
    members.meets('rx', true);
    sets('rx', { c: 1 }, [], 'merged', 'more');
    told('rx', { a: 1 });
    expect([shows(), shows('other'), shows('more')]).toEqual([[{ a: 1 }, { a: 1 }], [{}, {}], [{ c: 1 }, {}]]);
  });

  it('is not vouched for when it was no slave, or nobody has been told of what it said as one', () => {
    const { members, slave, shows } = make();
    expect([members.meets('rx1', true), members.isVouched('rx1'), members.isVouched('none')]).toEqual([false, false, false]);
    members.isGlobal('rx2');
    slave('rx2', { a: 1 });
    expect([members.meets('rx2', true), members.isVouched('rx2'), shows()]).toEqual([false, false, [{ a: 1 }, {}]]);
    members.stopVouching('rx1');
    members.stopVouching('none');
  });

  it('is vouched for no longer once it speaks as a slave again', () => {
    for (const hasTold of [false, true]) {
      const { members, slave, told, sets, shows } = make();
      slave('rx', { a: 1 });
      members.meets('rx', true);
      if (hasTold) told('rx', { a: 1 });
      sets('rx', { b: 2 });
      expect([members.isVouched('rx'), shows()]).toEqual([false, [{ a: 1, b: 2 }, hasTold ? { b: 2 } : {}]]);
    }
  });
});
