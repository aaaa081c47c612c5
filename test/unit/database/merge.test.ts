import { describe, expect, it } from 'vitest';
import { createMerge } from '../../../src/database/core/merge.js';
import '../../fixtures/entries.js';

const entries = (object: object): ReadonlyMap<string, unknown> => new Map(Object.entries(object));

describe('merge', () => {
  it('shows the union of all shards, and tells other globals of its own slaves only (D1, D3)', () => {
    const merge = createMerge('g');
    merge.set(merge.origin('s', true), 'fam', 'a', 1);
    merge.set(merge.origin('h', false), 'fam', 'b', 2);
    expect(merge.visible('fam')).toEqual(entries({ a: 1, b: 2 }));
    expect(merge.own()).toEqual(new Map([['fam', entries({ a: 1 })]]));
    expect(merge.flush()).toEqual([
      { family: 'fam', visible: { set: entries({ a: 1, b: 2 }), del: [] }, own: { set: entries({ a: 1 }), del: [] } },
    ]);
  });

  it.each([['first', true], ['last', false]])('chooses the same value wherever the shards come %s (D2)', (_, isFirst) => {
    // what g and h show when s and t are slaves of g, u one of h
    const atG = createMerge('g');
    const atH = createMerge('h');
    const acts = [
      () => { atG.set(atG.origin('s', true), 'fam', 'k', 'S'); },
      () => { atG.set(atG.origin('t', true), 'fam', 'k', 'T'); },
      () => { atG.set(atG.origin('h', false), 'fam', 'k', 'U'); },
      () => { atH.set(atH.origin('u', true), 'fam', 'k', 'U'); },
      () => { atH.set(atH.origin('g', false), 'fam', 'k', 'T'); },
    ];
    for (const act of isFirst ? acts : acts.reverse()) act();
    expect(atG.own().get('fam')?.get('k')).toBe('T');
    expect(atG.get('fam', 'k')).toBe(atH.get('fam', 'k'));
  });

  it('shows a hidden value again when the other goes (D4)', () => {
    const merge = createMerge('g');
    const [s, t] = [merge.origin('s', true), merge.origin('t', true)];
    merge.set(t, 'fam', 'k', 'T');
    merge.set(s, 'fam', 'k', 'S');
    expect(merge.get('fam', 'k')).toBe('T');
    merge.flush();
    merge.del(t, 'fam', 'k');
    expect(merge.flush()).toEqual([
      { family: 'fam', visible: { set: entries({ k: 'S' }), del: [] }, own: { set: entries({ k: 'S' }), del: [] } },
    ]);
  });

  it('takes exactly the keys of an origin away, in one change per family (D5, S25)', () => {
    const merge = createMerge('g');
    const [s, t] = [merge.origin('s', true), merge.origin('t', true)];
    for (const key of ['a', 'b']) for (const family of ['one', 'two']) merge.set(s, family, key, key);
    merge.set(t, 'one', 'c', 'c');
    merge.flush();
    merge.clear(s);
    const gone = { set: new Map(), del: ['a', 'b'] };
    expect(merge.flush()).toEqual([
      { family: 'one', visible: gone, own: gone },
      { family: 'two', visible: gone, own: gone },
    ]);
    expect(merge.keys('one')).toEqual(['c']);
    expect([s.keys, s.octets, s.claims.size]).toEqual([0, 0, 0]);
  });

  it('has no change when nothing visible has changed (D6)', () => {
    const merge = createMerge('g');
    const [s, h] = [merge.origin('s', true), merge.origin('h', false)];
    merge.set(s, 'fam', 'k', { a: [1], b: null });
    merge.flush();
    merge.set(s, 'fam', 'k', { b: null, a: [1] });
    merge.set(s, 'fam', 'new', 1);
    merge.del(s, 'fam', 'new');
    expect(merge.isDirty).toBe(true);
    expect(merge.flush()).toEqual([]);
    // the peer's value is the one that shows: what hides behind it is nobody's business but the other globals'
    merge.set(h, 'fam', 'k', 'H');
    merge.flush();
    merge.set(s, 'fam', 'k', 'S');
    expect(merge.flush()).toEqual([{ family: 'fam', visible: undefined, own: { set: entries({ k: 'S' }), del: [] } }]);
  });

  it('tells other globals that a key has left the last of its slaves, though a peer still has it (D3)', () => {
    const merge = createMerge('g');
    const [s, a] = [merge.origin('s', true), merge.origin('a', false)];
    merge.set(s, 'fam', 'k', 1);
    merge.set(a, 'fam', 'k', 1);
    merge.flush();
    merge.del(s, 'fam', 'k');
    expect(merge.flush()).toEqual([{ family: 'fam', visible: undefined, own: { set: new Map(), del: ['k'] } }]);
  });

  it('makes an origin one of its slaves and takes it back: only the other globals hear of it', () => {
    const merge = createMerge('g');
    const s = merge.origin('s', false);
    merge.set(s, 'fam', 'k', 1);
    merge.flush();
    merge.setOwn(s, true);
    expect(merge.flush()).toEqual([{ family: 'fam', visible: undefined, own: { set: entries({ k: 1 }), del: [] } }]);
    merge.setOwn(s, false);
    expect(merge.flush()).toEqual([{ family: 'fam', visible: undefined, own: { set: new Map(), del: ['k'] } }]);
  });
});
