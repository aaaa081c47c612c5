import { describe, expect, it } from 'vitest';
import { stored } from '../../../src/database/core/stored.js';
import { BadValue } from '../../../src/wire/errors.js';

describe('a value as the database keeps it (S30)', () => {
  it.each<[unknown, unknown]>([
    [1, 1], [-0.5, -0.5], ['text', 'text'], ['', ''], [true, true], [false, false], [null, null], [undefined, null],
    [Number.NaN, null], [Number.POSITIVE_INFINITY, null], [Number.NEGATIVE_INFINITY, null],
    [-0, 0], [[-0], [0]], [[], []], [[1, [undefined]], [1, [null]]], [{}, {}], [{ a: { b: 1 }, c: Number.NaN }, { a: { b: 1 }, c: null }], [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('is what both JSON and CBOR carry: case %#', (value, kept) => {
    expect(stored(value, 9)).toEqual(kept);
  });

  it('is a copy that nobody can change', () => {
    const given = { list: [{ a: 1 }] };
    const kept = stored(given, 9) as typeof given;
    given.list.push({ a: 2 });
    expect(kept).toEqual({ list: [{ a: 1 }] });
    expect([kept, kept.list, kept.list[0]].map(Object.isFrozen)).toEqual([true, true, true]);
  });

  it.each<[unknown, string]>([
    [5n, '5n is no value for the database: expected a number or a text'],
    [[{ a: Uint8Array.of(1) }], 'octets (Uint8Array) are no value for the database'],
    ['\ud800', 'a text with half of a surrogate pair is no value for the database'],
    [{ '\ud800': 1 }, 'a text with half of a surrogate pair is no value for the database'],
  ])('is none that they do not: case %#', (value, text) => {
    expect(() => stored(value, 9)).toThrow(BadValue);
    expect(() => stored(value, 9)).toThrow(text);
  });

  it.each([[0, 1], [1, []], [1, {}], [2, [[1]]], [2, [{ a: 1 }]], [3, { a: [{ b: 1 }] }]])('nests %i levels deep, and no deeper: %j', (depth, value) => {
    expect(stored(value, depth)).toEqual(value);
    if (depth > 0) expect(() => stored(value, depth - 1)).toThrow('a value for the database nests too deep: see limits.messageDepth');
  });
});
