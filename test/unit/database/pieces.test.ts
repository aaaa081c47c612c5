import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieces } from '../../../src/database/core/pieces.js';
import { sizeOfEntry } from '../../../src/database/core/origin.js';
import type { DatabaseRequest, Entries, Shard } from '../../../src/wire/database.js';

const value = fc.oneof(fc.integer(), fc.string({ maxLength: 40 }), fc.constant(null));
const key = fc.string({ minLength: 1, maxLength: 10 });
const entriesOf = fc.array(fc.tuple(key, value), { maxLength: 15 }).map((list): Entries => new Map(list));
const family = fc.constantFrom('fam', 'other', "'l", 'x:y');
const shardOf = fc
  .array(fc.tuple(family, fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 15 }).map((list): Entries => new Map(list))), { maxLength: 4 })
  .map((list): Shard => new Map(list));
const size = fc.integer({ min: 1, max: 100 });

/** What a receiver makes of pieces: each sets and deletes keys of families. */
function applied(parts: readonly DatabaseRequest[], before: Shard = new Map()): Shard {
  const all = new Map(Array.from(before, ([name, entries]) => [name, new Map(entries)]));
  const set = (name: string, entries: Entries): void => {
    for (const [k, v] of entries) all.set(name, (all.get(name) ?? new Map<string, unknown>()).set(k, v));
  };
  for (const part of parts) {
    if (part.kind === 'g_slave') {
      all.clear();
      for (const [name, entries] of part.db ?? []) set(name, entries);
    } else if (part.kind === 'g_set') for (const [name, entries] of part.db) set(name, entries);
    else if (part.kind === 'g_upd' || part.kind === 'g_chg2') {
      set(part.family, part.set);
      for (const k of part.del) all.get(part.family)?.delete(k);
    } else if (part.kind === 'g_chg1') set(part.family, part.content);
  }
  for (const [name, entries] of all) if (entries.size === 0) all.delete(name);
  return all;
}

const sum = (entries: Entries): number => [...entries].reduce((all, [k, v]) => all + sizeOfEntry(k, v), 0);
/** A piece is short, or has only one thing in it. */
const isShort = (entries: Entries, limit: number): boolean => entries.size <= 1 || sum(entries) <= limit;

describe('pieces of a long request', () => {
  it('g_set: together they say all of it', () => {
    fc.assert(fc.property(shardOf, size, (db, limit) => {
      const parts = pieces({ kind: 'g_set', db, more: false }, limit, true);
      expect(applied(parts)).toEqual(db);
    }), { numRuns: 200 });
  });

  it('g_set: every piece has the listeners, since AnyEvent::MP takes them from any', () => {
    const listeners = new Map([['n', ['h:1']]]);
    const db = new Map<string, Entries>([["'l", listeners], ['fam', new Map(Array.from({ length: 20 }, (_, i) => [`key${i}`, i]))]]);
    const parts = pieces({ kind: 'g_set', db, more: false }, 30, false);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect(part.kind === 'g_set' && part.db.get("'l")).toEqual(listeners);
  });

  it('g_slave: the first piece is the shard, the others are updates of it', () => {
    fc.assert(fc.property(shardOf, size, (db, limit) => {
      const [first, ...others] = pieces({ kind: 'g_slave', db }, limit, false);
      expect(first?.kind).toBe('g_slave');
      expect(others.every((part) => part.kind === 'g_upd' && part.scope === 'own')).toBe(true);
      expect(applied([first!, ...others], new Map([['old', new Map([['k', 1]])]]))).toEqual(db);
    }), { numRuns: 200 });
    expect(pieces({ kind: 'g_slave', db: undefined }, 1, false)).toEqual([{ kind: 'g_slave', db: undefined }]);
  });

  it('g_upd and g_chg2: deletions first, all keys of one scope', () => {
    fc.assert(fc.property(entriesOf, fc.uniqueArray(key, { maxLength: 10 }), size, fc.constantFrom('own', 'merged'), (set, keys, limit, scope) => {
      const del = keys.filter((one) => !set.has(one));
      const request = { kind: 'g_upd', family: 'fam', set, del, scope } as const;
      const before: Shard = new Map([['fam', new Map(keys.map((one) => [one, 0]))]]);
      const parts = pieces(request, limit, true);
      expect(applied(parts, before)).toEqual(applied([request], before));
      expect(parts.every((part) => part.kind === 'g_upd' && part.scope === scope && isShort(part.set, limit))).toBe(true);
    }), { numRuns: 200 });
  });

  it('g_chg1: marked, or as changes for those who know no marks', () => {
    fc.assert(fc.property(entriesOf, size, fc.boolean(), (content, limit, marked) => {
      const parts = pieces({ kind: 'g_chg1', family: 'fam', content, more: false }, limit, marked);
      expect(applied(parts).get('fam') ?? new Map()).toEqual(content);
      const [first, ...others] = parts;
      expect(first?.kind).toBe('g_chg1');
      for (const part of others) expect(part.kind).toBe(marked ? 'g_chg1' : 'g_chg2');
      if (marked) expect(parts.map((part) => part.kind === 'g_chg1' && part.more)).toEqual(parts.map((_, i) => i < parts.length - 1));
      else expect(first?.kind === 'g_chg1' && first.more).toBe(false);
    }), { numRuns: 200 });
  });

  it('g_reply: only for those who know marks', () => {
    const result = Array.from({ length: 30 }, (_, i) => `value ${i}`);
    expect(pieces({ kind: 'g_reply', id: 1, result, more: false }, 20, false)).toHaveLength(1);
    const parts = pieces({ kind: 'g_reply', id: 1, result, more: false }, 20, true);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.flatMap((part) => (part.kind === 'g_reply' ? (part.result as unknown[]) : []))).toEqual(result);
    expect(parts.map((part) => part.kind === 'g_reply' && part.more)).toEqual(parts.map((_, i) => i < parts.length - 1));
    for (const empty of [[], new Map()]) {
      expect(pieces({ kind: 'g_reply', id: 1, result: empty, more: false }, 20, true)).toEqual([{ kind: 'g_reply', id: 1, result: empty, more: false }]);
    }
  });
});

describe('pieces are as few as can be', () => {
  // nine octets each
  const numbers = (...keys: readonly string[]): Entries => new Map(keys.map((k) => [k, 1]));
  const keysOf = (part: DatabaseRequest): unknown =>
    part.kind === 'g_chg1' ? [...part.content.keys()].join('')
    : part.kind === 'g_upd' || part.kind === 'g_chg2' ? `${[...part.set.keys()].join('')}-${part.del.join('')}`
    : part.kind === 'g_set' ? Object.fromEntries(Array.from(part.db, ([name, all]) => [name, [...all.keys()].join('')]))
    : part.kind === 'g_reply' ? (part.result instanceof Map ? [...part.result.keys()].join('') : part.result)
    : undefined;
  const cutTo = (limit: number, request: DatabaseRequest, marked = true): readonly unknown[] => pieces(request, limit, marked).map(keysOf);

  it.each([
    [45, ['abcde']], [44, ['abcd', 'e']], [27, ['abc', 'de']], [18, ['ab', 'cd', 'e']], [17, ['a', 'b', 'c', 'd', 'e']], [1, ['a', 'b', 'c', 'd', 'e']],
  ])('a family, %i octets at a time', (limit, expected) => {
    const content = numbers('a', 'b', 'c', 'd', 'e');
    expect(cutTo(limit, { kind: 'g_chg1', family: 'fam', content, more: false })).toEqual(expected);
    expect(cutTo(limit, { kind: 'g_reply', id: 1, result: content, more: false })).toEqual(expected);
    expect(cutTo(limit, { kind: 'g_chg1', family: 'fam', content, more: false }, false)).toEqual(expected.map((keys, i) => (i === 0 ? keys : `${keys}-`)));
    expect(cutTo(limit, { kind: 'g_chg2', family: 'fam', set: content, del: [] })).toEqual(expected.map((keys) => `${keys}-`));
  });

  it.each<[number, Entries, string[], string[]]>([
    [18, numbers('a', 'b'), ['x', 'y'], ['ab-xy']],
    [9, numbers('a', 'b'), ['x', 'y'], ['-xy', 'a-', 'b-']],
    [18, numbers('a', 'b'), ['x'.repeat(10), 'y'.repeat(9)], [`-${'x'.repeat(10)}`, `-${'y'.repeat(9)}`, 'ab-']],
    [2, numbers(), ['v', 'w', 'x', 'y', 'z'], ['-vw', '-xy', '-z']],
    [2, numbers(), ['v', 'w'], ['-vw']],
    [2, numbers(), [], ['-']],
  ])('an update, %i octets at a time: case %#', (limit, set, del, expected) => {
    expect(cutTo(limit, { kind: 'g_upd', family: 'fam', set, del, scope: 'merged' })).toEqual(expected);
  });

  it.each<[number, unknown[]]>([
    [45, [{ one: 'ab', two: 'cd', three: 'e' }]],
    [36, [{ one: 'ab', two: 'cd' }, { three: 'e' }]],
    [27, [{ one: 'ab', two: 'c' }, { two: 'd', three: 'e' }]],
    [18, [{ one: 'ab' }, { two: 'c' }, { two: 'd', three: 'e' }]],
    [9, [{ one: 'a' }, { one: 'b' }, { two: 'c' }, { two: 'd' }, { three: 'e' }]],
  ])('a shard, %i octets at a time', (limit, expected) => {
    const db = new Map([['one', numbers('a', 'b')], ['two', numbers('c', 'd')], ['three', numbers('e')]]);
    const request = { kind: 'g_set', db, more: false } as const;
    expect(cutTo(limit, request)).toEqual(expected);
    expect(pieces(request, limit, true).map((part) => part.kind === 'g_set' && part.more)).toEqual(expected.map((_, i) => i < expected.length - 1));
  });

  it('a shard of nothing, and listeners, which stay together', () => {
    expect(cutTo(9, { kind: 'g_set', db: new Map(), more: false })).toEqual([{}]);
    expect(cutTo(9, { kind: 'g_set', db: new Map([["'l", numbers('a', 'b', 'c')]]), more: false })).toEqual([{ "'l": 'abc' }]);
  });

  it('an answer that is no list', () => {
    for (const result of [null, 'text', 5]) expect(cutTo(1, { kind: 'g_reply', id: 1, result, more: false })).toEqual([result]);
    expect(cutTo(18, { kind: 'g_reply', id: 1, result: [1, 2, 3], more: false })).toEqual([[1, 2], [3]]);
    expect(cutTo(16, { kind: 'g_reply', id: 1, result: [1, 2, 3], more: false })).toEqual([[1, 2], [3]]);
    expect(cutTo(15, { kind: 'g_reply', id: 1, result: [1, 2, 3], more: false })).toEqual([[1], [2], [3]]);
  });

  it('what is short, or has no parts', () => {
    for (const request of [{ kind: 'g_global' }, { kind: 'g_find', node: 'n' }] as const) expect(pieces(request, 1, true)).toEqual([request]);
  });
});
