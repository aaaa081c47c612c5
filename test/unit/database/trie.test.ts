import { describe, expect, it } from 'vitest';
import { branchOf, type Branch } from '../../../src/database/core/trie-branch.js';
import { ABSENT, Leaf } from '../../../src/database/core/trie-leaf.js';

type Entry = readonly [hash: number, key: string];

const leafOf = (entries: readonly Entry[]): Leaf => new Leaf(entries.flat(), entries.map(([, key]) => `value of ${key}`));
const contentOf = (trie: Leaf | Branch): object => Object.fromEntries(trie);
const expected = (entries: readonly Entry[]): object => Object.fromEntries(entries.map(([, key]) => [key, `value of ${key}`]));

describe('keys of a trie, by their hashes', () => {
  const COUNT = 300;
  const kinds: readonly [string, (i: number) => number][] = [
    ['all the same', () => 0x2345678],
    ['all 0', () => 0],
    ['that differ in the lowest bits only', (i) => i],
    ['that differ in the highest bits only', (i) => (i & 31) * 2 ** 25],
    ['that differ in the bits between', (i) => (i & 7) * 2 ** 13],
    ['that differ everywhere', (i) => Math.imul(i, 0x9e3779b1) & 0x3fffffff],
  ];

  it.each(kinds)('%s, are found, set and taken away, made at once or one by one', (_, hash) => {
    const entries = Array.from({ length: COUNT }, (__, i): Entry => [hash(i), `key ${i}`]);
    let built = branchOf(new Leaf([], []), 0);
    for (const [at, key] of entries) built = built.with(at, key, `value of ${key}`);
    for (const trie of [branchOf(leafOf(entries), 0), built]) {
      expect(contentOf(trie)).toEqual(expected(entries));
      for (const [at, key] of entries) expect(trie.get(at, key)).toBe(`value of ${key}`);
      expect([trie.get(hash(0), 'none'), trie.get(0x1f5a5a5, 'key 0')]).toEqual([ABSENT, ABSENT]);

      let changed = trie;
      for (const [at, key] of entries.slice(0, 150)) changed = changed.with(at, key, 'new');
      expect(changed.with(hash(0), 'none', ABSENT).get(hash(0), 'key 0')).toBe('new');
      for (const [at, key] of entries.slice(100)) changed = changed.with(at, key, ABSENT);
      expect(contentOf(changed)).toEqual(Object.fromEntries(entries.slice(0, 100).map(([, key]) => [key, 'new'])));
      for (const [at, key] of entries) changed = changed.with(at, key, ABSENT);
      expect(contentOf(changed)).toEqual({});
      expect(contentOf(trie), 'the first one stays as it is').toEqual(expected(entries));
    }
  });
});

describe('a leaf', () => {
  const leaf = leafOf([[7, 'a'], [7, 'b'], [8, 'a']]);

  it('tells keys apart by hash and name', () => {
    expect([leaf.get(7, 'a'), leaf.get(7, 'b'), leaf.get(8, 'a'), leaf.get(8, 'b'), leaf.get(9, 'a')]).toEqual(['value of a', 'value of b', 'value of a', ABSENT, ABSENT]);
    expect([...leaf]).toEqual([['a', 'value of a'], ['b', 'value of b'], ['a', 'value of a']]);
  });

  it('with another value, or without one, is another leaf', () => {
    expect(leaf.with(7, 'b', 'B').get(7, 'b')).toBe('B');
    expect([leaf.with(7, 'b', 'B').size, leaf.with(7, 'c', 'C').size, leaf.size]).toEqual([3, 4, 3]);
    expect([leaf.with(9, 'c', [1]).get(9, 'c'), leaf.without(7, 'a')?.get(7, 'a'), leaf.without(7, 'a')?.get(8, 'a')]).toEqual([[1], ABSENT, 'value of a']);
    expect(leaf.without(9, 'a'), 'it has no such key').toBe(leaf);
    expect(leafOf([[7, 'a']]).without(7, 'a'), 'nothing is left').toBeUndefined();
    expect(leaf.size).toBe(3);
  });

  it('is split by hash; parts of nothing are none', () => {
    const parts = leaf.split(3, (hash) => hash - 7);
    expect(parts.map((part) => part && [...part])).toEqual([[['a', 'value of a'], ['b', 'value of b']], [['a', 'value of a']], undefined]);
    expect(parts[0]?.get(7, 'b')).toBe('value of b');
  });
});
