import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createFamilyStore, type FamilyStore } from '../../../src/database/core/family-store.js';
import type { FamilyChange } from '../../../src/database/family-change.js';

const entries = (content: Readonly<Record<string, unknown>>): Map<string, unknown> => new Map(Object.entries(content));

function storeOf(content: Readonly<Record<string, unknown>>): FamilyStore {
  const store = createFamilyStore();
  store.apply(entries(content), []);
  return store;
}

/** Sets one key; fails when that changes nothing. */
function set(store: FamilyStore, key: string, value: unknown): FamilyChange {
  const change = store.apply(new Map([[key, value]]), []);
  if (change === undefined) throw new Error(`${key} is ${inspect(value)} already`);
  return change;
}

const lists = ({ add, chg, del }: FamilyChange) => ({ add, chg, del });
const contentOf = (change: FamilyChange | undefined): unknown => new Map(change?.family);
const numbered = (count: number): Map<string, unknown> => new Map(Array.from({ length: count }, (_, i) => [`key ${i}`, i]));

describe('apply', () => {
  it('tells absent keys from present ones, each in one list (S26)', () => {
    const change = storeOf({ kept: 0, other: 1, gone: 2 }).apply(entries({ fresh: 3, other: 4, kept: 0 }), ['gone', 'absent']);
    expect(lists(change!)).toEqual({ add: ['fresh'], chg: ['other'], del: ['gone'] });
    expect(contentOf(change)).toEqual(entries({ kept: 0, other: 4, fresh: 3 }));
  });

  it('is no change when nothing visible changes (D6, S26)', () => {
    const store = storeOf({ deep: { a: [1, { b: null }], c: 'd' } });
    expect(store.apply(entries({ deep: { c: 'd', a: [1, { b: null }] } }), ['absent'])).toBeUndefined();
    expect(store.apply(new Map(), [])).toBeUndefined();
    expect(createFamilyStore().apply(new Map(), ['absent'])).toBeUndefined();
  });

  it('sets a key that is in both, and deletes a key once that is named twice', () => {
    const change = storeOf({ a: 1, b: 2 }).apply(entries({ a: 3 }), ['a', 'b', 'b']);
    expect(lists(change!)).toEqual({ add: [], chg: ['a'], del: ['b'] });
    expect(contentOf(change)).toEqual(entries({ a: 3 }));
  });

  it('knows a key whose value is undefined, which a schema may make of it', () => {
    const store = storeOf({ a: undefined });
    expect([store.has('a'), store.size, store.apply(entries({ a: undefined }), [])]).toEqual([true, 1, undefined]);
    const change = store.apply(entries({ a: 1 }), []);
    expect(lists(change!)).toEqual({ add: [], chg: ['a'], del: [] });
    expect(lists(store.apply(entries({ a: undefined }), [])!)).toEqual({ add: [], chg: ['a'], del: [] });
    expect([store.current().family.has('a'), store.current().family.get('a')]).toEqual([true, undefined]);
    expect(lists(store.apply(new Map(), ['a'])!)).toEqual({ add: [], chg: [], del: ['a'] });
  });

  it('leaves its arguments alone, and answers from what it holds', () => {
    const given = entries({ a: 1, b: null });
    const store = createFamilyStore();
    store.apply(given, []);
    given.set('a', 2).delete('b');
    expect([store.size, store.get('a'), store.has('b'), store.get('b'), store.has('c')]).toEqual([2, 1, true, null, false]);
  });
});

describe('replace', () => {
  it('gives the difference, never an empty family in between (S28)', () => {
    const change = storeOf({ same: 0, other: 1, gone: 2 }).replace(entries({ same: 0, other: 3, fresh: 4 }));
    expect(lists(change!)).toEqual({ add: ['fresh'], chg: ['other'], del: ['gone'] });
    expect(contentOf(change)).toEqual(entries({ same: 0, other: 3, fresh: 4 }));
  });

  it('is no change when all is as it was (S28, D6)', () => {
    const store = storeOf({ a: [1], b: 2 });
    expect(store.replace(entries({ b: 2, a: [1] }))).toBeUndefined();
    expect(lists(store.replace(new Map())!)).toEqual({ add: [], chg: [], del: ['a', 'b'] });
    expect([store.size, store.replace(new Map())]).toEqual([0, undefined]);
  });
});

describe('current', () => {
  it('adds every key', () => {
    expect(lists(storeOf({ a: 1, b: 2 }).current())).toEqual({ add: ['a', 'b'], chg: [], del: [] });
    expect(contentOf(storeOf({ a: 1 }).current())).toEqual(entries({ a: 1 }));
    expect(createFamilyStore().current().family.size).toBe(0);
  });
});

describe('a change', () => {
  it('has five parts of its own, as a plain object has', () => {
    const change = storeOf({ a: 1 }).current();
    expect(Object.keys(change).sort()).toEqual(['add', 'chg', 'current', 'del', 'family']);
    expect({ ...change }.family.get('a')).toBe(1);
  });

  it('gives the same snapshot each time', () => {
    const store = storeOf({ a: 1 });
    const change = set(store, 'a', 2);
    expect(change.family).toBe(change.family);
    expect(store.current().family).toBe(change.family);
  });
});

describe('a snapshot', () => {
  it('is a map that only gives', () => {
    const { family } = storeOf({ a: 1, b: [2] }).current();
    const all = [['a', 1], ['b', [2]]];
    const seen: unknown[] = [];
    family.forEach((value, key, map) => seen.push([key, value, map === family]));
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(expect.arrayContaining(all.map((entry) => [...entry, true])));
    expect([...family].sort()).toEqual(all);
    expect([...family.entries()].sort()).toEqual(all);
    expect([...family.keys()].sort()).toEqual(['a', 'b']);
    expect([...family.values()]).toEqual(expect.arrayContaining([1, [2]]));
    expect([family.size, family.has('a'), family.has('c'), family.get('b'), family.get('c')]).toEqual([2, true, false, [2], undefined]);
    expect(Object.prototype.toString.call(family)).toBe('[object FamilyMap]');
    expect(inspect(storeOf({ a: [1] }).current().family)).toBe(inspect(entries({ a: [1] })));
    expect('set' in family).toBe(false);
  });

  it.each([10, 1_000, 20_000])('stays as it was while %i keys change and go (S27)', (count) => {
    const store = createFamilyStore();
    store.apply(numbered(count), []);
    const { family } = store.current();
    for (let i = 0; i < count; i += 2) {
      set(store, `key ${i}`, 'new');
      expect(store.apply(new Map(), [`key ${i + 1}`])?.family.size).toBe(count - 1 - i / 2);
    }
    expect(new Map(family)).toEqual(numbered(count));
    expect(new Set(store.current().family.values())).toEqual(new Set(['new']));
  });

  const orders: readonly [string, (changes: FamilyChange[]) => FamilyChange[]][] = [
    ['first to last', (changes) => changes],
    ['last to first', (changes) => changes.toReversed()],
    ['from the middle', (changes) => [...changes.slice(250), ...changes.slice(0, 250)]],
  ];
  it.each(orders)('is as of its change, looked at late, %s (S26, S27)', (_, order) => {
    const store = storeOf({ counter: -1 });
    const changes = Array.from({ length: 500 }, (_, i) => {
      const change = store.apply(new Map<string, unknown>([['counter', i], [`key ${i}`, i]]), [`key ${i - 100}`]);
      return { ...lists(change!), current: true, get family() { return change!.family; } };
    });
    for (const change of order(changes)) {
      const at = changes.indexOf(change);
      expect(change.family.get('counter')).toBe(at);
      const names = Array.from({ length: Math.min(at + 1, 100) }, (_, i) => `key ${at - i}`);
      expect([...change.family.keys()].sort()).toEqual(['counter', ...names].sort());
      expect(change.family.size).toBe(names.length + 1);
    }
  });

  it('holds the values themselves, frozen all through (S27)', () => {
    const value = { list: [{ a: 1 }], octets: new Uint8Array([1]) };
    const store = createFamilyStore();
    store.apply(numbered(100), []);
    expect(store.current().family.size).toBe(100);
    const { family } = set(store, 'object', value);
    for (let i = 0; i < 2_000; i++) expect(set(store, `more ${i}`, [i]).family.get('object')).toBe(value);
    expect(family.get('object')).toBe(value);
    expect([value, value.list, value.list[0]].every(Object.isFrozen)).toBe(true);
  });
});

describe('keys', () => {
  const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '-1', '\ud800', '\udc00', '\ud800\udc00', 'x'.repeat(10_000), `${'x'.repeat(9_999)}y`];

  it('may be any text (S29)', () => {
    const store = createFamilyStore();
    expect(set(store, '__proto__', 0).family.get('constructor')).toBeUndefined();
    for (const key of odd) set(store, key, { is: key });
    const { family } = store.current();
    expect(family.size).toBe(odd.length);
    for (const key of odd) expect(family.get(key)).toEqual({ is: key });
    for (const key of odd) expect(store.apply(new Map(), [key])?.family.has(key)).toBe(false);
    expect([...store.current().family]).toEqual([]);
    expect([...family.keys()].sort()).toEqual([...odd].sort());
  });

  it('may share their hash, however many', () => {
    const keys = collisions(8);
    const store = createFamilyStore();
    for (const [i, key] of keys.entries()) expect(set(store, key, i).family.get(key)).toBe(i);
    const { family } = store.current();
    for (const key of keys) expect(store.apply(new Map(), [key])?.family.has(key)).toBe(false);
    expect(new Map(family)).toEqual(new Map(keys.map((key, i) => [key, i])));
  });
});

/** 2 ** stages texts that FNV-1a takes for one: in each stage one of two pairs of characters, which lead to the same hash. */
function collisions(stages: number): string[] {
  let hash = 0x811c9dc5;
  let keys = [''];
  for (let stage = 0; stage < stages; stage++) {
    const [one, other, next] = equalPairs(hash);
    keys = keys.flatMap((key) => [key + one, key + other]);
    hash = next;
  }
  return keys;
}

function equalPairs(hash: number): [string, string, number] {
  const seen = new Map<number, number>();
  for (let first = 0; first < 0x10000; first++) {
    const state = Math.imul(hash ^ first, 0x01000193);
    const before = seen.get(state >>> 16);
    if (before !== undefined) {
      const low = (state ^ Math.imul(hash ^ before, 0x01000193)) & 0xffff;
      return [String.fromCharCode(first, 0), String.fromCharCode(before, low), Math.imul(state, 0x01000193)];
    }
    seen.set(state >>> 16, first);
  }
  throw new Error('no two states share their upper half');
}
