import { describe, expect, it } from 'vitest';
import { createMerge } from '../../../src/database/core/merge.js';
import { beyond, checkQuota, exactly, sizeOfEntry, type Origin } from '../../../src/database/core/origin.js';
import type { Entries, Shard } from '../../../src/wire/database.js';
import { ProtocolError } from '../../../src/wire/errors.js';

const entries = (object: object): Entries => new Map(Object.entries(object));
const shard = (object: Record<string, object>): Shard => new Map(Object.entries(object).map(([family, inner]) => [family, entries(inner)]));
const amountOf = ({ keys, octets, claims }: Origin) => ({ families: claims.size, keys, octets });
const sumOf = (object: object): number => Object.entries(object).reduce((sum, [key, value]) => sum + sizeOfEntry(key, value), 0);

describe('how much an origin has', () => {
  it('is what there is now: what was replaced, deleted or cleared counts no more', () => {
    const merge = createMerge('g');
    const origin = merge.origin('s', true);
    merge.set(origin, 'fam', 'k', 'a long value, of many octets');
    merge.set(origin, 'fam', 'other', 1);
    merge.set(origin, 'more', 'k', [1, 2, 3]);
    merge.set(origin, 'fam', 'k', 'short');
    merge.set(origin, 'fam', 'k', 'short');
    expect(amountOf(origin)).toEqual({ families: 2, keys: 3, octets: sumOf({ k: 'short', other: 1 }) + sumOf({ k: [1, 2, 3] }) });
    merge.del(origin, 'fam', 'k');
    merge.del(origin, 'fam', 'k');
    merge.del(origin, 'more', 'k');
    expect(amountOf(origin)).toEqual({ families: 1, keys: 1, octets: sumOf({ other: 1 }) });
    merge.clear(origin);
    expect(amountOf(origin)).toEqual({ families: 0, keys: 0, octets: 0 });
  });

  it('is planned exactly as it comes out', () => {
    const merge = createMerge('g');
    const origin = merge.origin('s', true);
    for (const [key, value] of Object.entries({ a: 'aaaa', b: 'bb', c: 1 })) merge.set(origin, 'fam', key, value);
    const set = { a: 'a', d: 'new' };
    const planned = exactly(origin, { set: shard({ fam: set, other: { x: 1 }, empty: {} }), del: ['fam', ['b', 'd', 'none']] });
    for (const [key, value] of Object.entries(set)) merge.set(origin, 'fam', key, value);
    merge.set(origin, 'other', 'x', 1);
    merge.del(origin, 'fam', 'b');
    expect(planned).toEqual(amountOf(origin));
    expect(exactly(origin, { set: shard({ other: { y: 1 } }), del: ['none', ['a']] })).toEqual({ families: 2, keys: 5, octets: origin.octets + sumOf({ y: 1 }) });
    expect(exactly(origin, { set: shard({ other: { x: 1 } }), del: ['fam', ['a']] })).toEqual({ families: 2, keys: 3, octets: origin.octets - sumOf({ a: 'a' }) });
  });
});

describe('limits of a shard', () => {
  const limits = { shardFamilies: 2, shardKeys: 3, shardOctets: 100 };

  it.each([
    [{ families: 2, keys: 3, octets: 100 }, 1, undefined],
    [{ families: 3, keys: 3, octets: 100 }, 1, '3 families: limits.shardFamilies is 2'],
    [{ families: 2, keys: 4, octets: 100 }, 1, '4 keys: limits.shardKeys is 3'],
    [{ families: 2, keys: 3, octets: 101 }, 1, '101 octets: limits.shardOctets is 100'],
    [{ families: 4, keys: 6, octets: 200 }, 2, undefined],
    [{ families: 5, keys: 6, octets: 200 }, 2, '5 families: limits.shardFamilies is 2, and limits.peerShards 2'],
    [{ families: 4, keys: 7, octets: 200 }, 2, '7 keys: limits.shardKeys is 3, and limits.peerShards 2'],
    [{ families: 4, keys: 6, octets: 201 }, 2, '201 octets: limits.shardOctets is 100, and limits.peerShards 2'],
  ])('%j of %i shards: %s', (amount, shards, text) => {
    expect(beyond(amount, limits, shards)).toBe(text);
  });

  it('let a full shard replace what it has, and refuse one key more, unless another goes', () => {
    const merge = createMerge('g');
    const origin = merge.origin('s', true);
    for (const key of ['a', 'b', 'c']) merge.set(origin, 'fam', key, 1);
    const check = (set: object, del: readonly string[] = []) => () => { checkQuota(origin, { set: shard({ fam: set }), del: ['fam', del] }, limits); };
    expect(check({ a: 2, b: 2, c: 2 })).not.toThrow();
    expect(check({ d: 1 })).toThrow(ProtocolError);
    expect(check({ d: 1 })).toThrow('the shard of s would have 4 keys: limits.shardKeys is 3');
    expect(check({ d: 1 }, ['a'])).not.toThrow();
    expect(check({ d: 1 }, ['d'])).toThrow('4 keys');
    expect(amountOf(origin).keys).toBe(3);
  });
});
