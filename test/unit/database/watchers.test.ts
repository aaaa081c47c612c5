import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWatchers } from '../../../src/database/core/watchers.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import { countHoldings } from '../../fixtures/holdings.js';

describe('who monitors which families', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  it('is known by family, each node once', () => {
    const watchers = createWatchers(10);
    watchers.add('a', 'fam');
    watchers.add('a', 'fam');
    watchers.add('b', 'fam');
    watchers.add('b', 'other');
    expect([watchers.of('fam'), watchers.of('other'), watchers.of('none')]).toEqual([['a', 'b'], ['b'], []]);
  });

  it('stays for the others when one node stops, or is gone', () => {
    const watchers = createWatchers(10);
    for (const node of ['a', 'b', 'c']) for (const family of ['fam', 'other']) watchers.add(node, family);
    watchers.remove('a', 'fam');
    expect([watchers.of('fam'), watchers.of('other')]).toEqual([['b', 'c'], ['a', 'b', 'c']]);
    watchers.removeNode('b');
    expect([watchers.of('fam'), watchers.of('other')]).toEqual([['c'], ['a', 'c']]);
  });

  it('is at most so many families for a node; what it stops to monitor makes room', () => {
    const watchers = createWatchers(2);
    watchers.add('a', 'one');
    watchers.add('a', 'two');
    watchers.add('a', 'two');
    expect(() => { watchers.add('a', 'three'); }).toThrow(ProtocolError);
    expect(watchers.of('three')).toEqual([]);
    watchers.remove('a', 'one');
    watchers.add('a', 'three');
    expect(() => { watchers.add('a', 'one'); }).toThrow('a monitors more than 2 families (limits.peerFamilies)');
  });

  it('is nothing in the end', async () => {
    const watchers = createWatchers(10);
    const before = await holdings.count();
    for (const node of ['a', 'b']) for (const family of ['fam', 'other']) watchers.add(node, family);
    watchers.removeNode('a');
    watchers.remove('b', 'fam');
    watchers.remove('b', 'other');
    watchers.remove('b', 'other');
    expect(await holdings.count()).toEqual(before);
  });
});
