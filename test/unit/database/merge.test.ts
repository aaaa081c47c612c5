import { describe, expect, it } from 'vitest';
import { createMerge } from '../../../src/database/core/merge.js';
import '../../fixtures/entries.js';
import { countHoldings } from '../../fixtures/holdings.js';

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

  it('is dirty from the first change to the flush', () => {
    const merge = createMerge('g');
    const s = merge.origin('s', true);
    expect([merge.isDirty, merge.flush()]).toEqual([false, []]);
    merge.set(s, 'fam', 'k', 1);
    expect(merge.isDirty).toBe(true);
    merge.flush();
    merge.set(s, 'fam', 'k', 1);
    expect([merge.del(s, 'fam', 'none'), merge.del(s, 'none', 'k'), merge.isDirty]).toEqual([false, false, false]);
    expect([merge.del(s, 'fam', 'k'), merge.isDirty]).toEqual([true, true]);
  });

  it('orders those who have a key, however they come, and go (D2)', () => {
    // among globals the greatest id, and g speaks for its slaves; among those the greatest
    const ranks: readonly (readonly [node: string, own: boolean])[] = [['z', false], ['h', false], ['t', true], ['s', true], ['c', false], ['a', false]];
    const orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 0, 4, 1, 5, 3], [3, 5, 1, 4, 0, 2]];
    for (const comes of orders) {
      for (const goes of orders) {
        const merge = createMerge('g');
        const origins = ranks.map(([node, own]) => merge.origin(node, own));
        for (const i of comes) merge.set(origins[i]!, 'fam', 'k', ranks[i]![0]);
        const left = new Set(ranks.keys());
        for (const i of goes) {
          const best = [...left].map((at) => ranks[at]!);
          expect(merge.get('fam', 'k')).toBe(best[0]?.[0]);
          expect(merge.own().get('fam')?.get('k')).toBe(best.find(([, own]) => own)?.[0]);
          merge.del(origins[i]!, 'fam', 'k');
          left.delete(i);
        }
        expect([merge.get('fam', 'k'), merge.own().size]).toEqual([undefined, 0]);
      }
    }
  });

  it('puts an origin where it belongs when it becomes a slave, or is none any more (D2)', () => {
    const merge = createMerge('g');
    const [t, h, x] = [merge.origin('t', true), merge.origin('h', false), merge.origin('x', false)];
    for (const [origin, value] of [[t, 'T'], [h, 'H'], [x, 'X']] as const) merge.set(origin, 'fam', 'k', value);
    merge.set(x, 'other', 'k', 'X');
    expect([merge.get('fam', 'k'), merge.own().get('fam')]).toEqual(['X', entries({ k: 'T' })]);
    merge.flush();
    merge.setOwn(x, true);
    merge.setOwn(x, true);
    expect([merge.get('fam', 'k'), merge.own()]).toEqual(['H', new Map([['fam', entries({ k: 'X' })], ['other', entries({ k: 'X' })]])]);
    expect(merge.flush()).toEqual([
      { family: 'fam', visible: { set: entries({ k: 'H' }), del: [] }, own: { set: entries({ k: 'X' }), del: [] } },
      { family: 'other', visible: undefined, own: { set: entries({ k: 'X' }), del: [] } },
    ]);
    merge.setOwn(x, false);
    expect([merge.get('fam', 'k'), merge.own()]).toEqual(['X', new Map([['fam', entries({ k: 'T' })]])]);
  });

  it.each(['p', 'a'])('what a slave and a global tell of one node is that of the global, where it is the same (D3): %s', (node) => {
    const merge = createMerge('g');
    const [slave, told] = [merge.origin(node, true), merge.origin(node, false)];
    merge.set(slave, 'fam', 'k', 1);
    merge.flush();
    merge.set(told, 'fam', 'k', 1);
    expect(merge.flush()).toEqual([{ family: 'fam', visible: undefined, own: { set: new Map(), del: ['k'] } }]);
    merge.set(slave, 'fam', 'k', 2);
    // the greater of the two shows
    const two = { set: entries({ k: 2 }), del: [] };
    expect(merge.flush()).toEqual([{ family: 'fam', visible: node > 'g' ? undefined : two, own: two }]);
    merge.set(told, 'fam', 'k', 2);
    expect(merge.flush()).toEqual([{ family: 'fam', visible: node > 'g' ? two : undefined, own: { set: new Map(), del: ['k'] } }]);
    slave.vouched = true;
    expect(merge.own()).toEqual(new Map([['fam', entries({ k: 2 })]]));
    merge.del(told, 'fam', 'k');
    expect([merge.keys('fam'), merge.values('fam'), merge.visible('fam')]).toEqual([['k'], [2], entries({ k: 2 })]);
  });

  it('that has the rank of the global, not that of the slave (D2, D3)', () => {
    const merge = createMerge('g');
    // those of h come between the global and the slave
    for (const [node, other] of [['a', 'b'], ['p', 'h']] as const) {
      merge.set(merge.origin(node, true), node, 'k', 1);
      merge.set(merge.origin(node, false), node, 'k', 1);
      merge.set(merge.origin(other, false), node, 'k', other);
    }
    expect([merge.get('a', 'k'), merge.visible('a').get('k'), merge.get('p', 'k'), merge.own().size]).toEqual(['b', 'b', 1, 0]);
  });

  it('tells all of a turn: what only the other globals hear, and what all see', () => {
    const merge = createMerge('g');
    const [s, h] = [merge.origin('s', true), merge.origin('h', false)];
    merge.set(h, 'fam', 'hidden', 'H');
    merge.set(h, 'fam', 'theirs', 'H');
    merge.flush();
    merge.set(s, 'fam', 'hidden', 'S');
    merge.set(s, 'fam', 'open', 'S');
    expect(merge.flush()).toEqual([{ family: 'fam', visible: { set: entries({ open: 'S' }), del: [] }, own: { set: entries({ hidden: 'S', open: 'S' }), del: [] } }]);
    merge.del(h, 'fam', 'theirs');
    merge.set(s, 'fam', 'open', 'S2');
    expect(merge.flush()).toEqual([{ family: 'fam', visible: { set: entries({ open: 'S2' }), del: ['theirs'] }, own: { set: entries({ open: 'S2' }), del: [] } }]);
    merge.del(s, 'fam', 'hidden');
    merge.del(s, 'fam', 'open');
    expect(merge.flush()).toEqual([{ family: 'fam', visible: { set: new Map(), del: ['open'] }, own: { set: new Map(), del: ['hidden', 'open'] } }]);
  });

  it('the same of another node is not that: the own slave has it, too', () => {
    const merge = createMerge('g');
    const [slave, other] = [merge.origin('p', true), merge.origin('q', false)];
    merge.set(slave, 'fam', 'k', 1);
    merge.set(other, 'fam', 'k', 1);
    expect(merge.own()).toEqual(new Map([['fam', entries({ k: 1 })]]));
    merge.del(other, 'fam', 'k');
    expect(merge.values('fam')).toEqual([1]);
  });

  it('of a key that came and went in one turn nothing is left', async () => {
    const holdings = countHoldings();
    const merge = createMerge('g');
    const [s, h] = [merge.origin('s', true), merge.origin('h', false)];
    const before = await holdings.count();
    const comeAndGo = (): void => {
      merge.set(s, 'fam', 'k', 1);
      merge.del(s, 'fam', 'k');
      expect([merge.keys('fam'), merge.values('fam'), merge.visible('fam'), merge.own()]).toEqual([[], [], new Map(), new Map()]);
      merge.set(h, 'fam', 'k', 1);
      expect(merge.flush()).toEqual([{ family: 'fam', visible: { set: entries({ k: 1 }), del: [] }, own: undefined }]);
      merge.del(h, 'fam', 'k');
      expect(merge.flush()).toEqual([{ family: 'fam', visible: { set: new Map(), del: ['k'] }, own: undefined }]);
    };
    comeAndGo();
    expect(await holdings.count()).toEqual(before);
    holdings.restore();
  });
});
