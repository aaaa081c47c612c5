import { describe, expect, it } from 'vitest';
import { createLocalShard, type LocalShard } from '../../../src/database/core/local-shard.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import '../../fixtures/entries.js';

const nothing = new Map();
const shardWith = (limits: Partial<Limits> = {}): LocalShard => createLocalShard('n', createMerge('n'), { ...defaultLimits, ...limits });

describe('local shard', () => {
  it('tells one difference per family, of what has changed since it told (D8)', () => {
    const shard = shardWith();
    shard.set('fam', 'a', 1);
    shard.set('fam', 'a', 2);
    shard.set('fam', '__proto__', null);
    shard.set('other', 'x', true);
    shard.del('other', 'x');
    expect(shard.takeUpdates()).toEqual(new Map([['fam', { set: new Map<string, unknown>([['a', 2], ['__proto__', null]]), del: [] }]]));
    expect(shard.takeUpdates()).toEqual(nothing);
  });

  it('tells nothing of what is as it was (D6)', () => {
    const shard = shardWith();
    shard.set('fam', 'a', { x: 1, y: 2 });
    shard.takeUpdates();
    shard.set('fam', 'a', { y: 2, x: 1 });
    shard.del('fam', 'a');
    shard.set('fam', 'a', { x: 1, y: 2 });
    expect(shard.takeUpdates()).toEqual(nothing);
    expect(shard.del('fam', 'b')).toBe(false);
    shard.del('fam', 'a');
    expect(shard.takeUpdates()).toEqual(new Map([['fam', { set: nothing, del: ['a'] }]]));
  });

  it('gives copies of all, which later changes leave alone', () => {
    const shard = shardWith();
    shard.set('fam', 'a', 1);
    const all = shard.all();
    shard.set('fam', 'a', 2);
    shard.set('fam', 'b', 2);
    expect(all).toEqual(new Map([['fam', new Map([['a', 1]])]]));
  });

  it.each([['shrinks', 'grows'], ['grows', 'shrinks']])('tells of a family that shrinks first, so that a full shard stays within its limits: %s, then %s (D9)', (...order) => {
    const shard = shardWith();
    const fill = (family: string, keys: string): void => { for (const key of keys) shard.set(family, key, 1); };
    fill('shrinks', 'abcdef');
    shard.takeUpdates();
    for (const family of order) {
      if (family === 'grows') fill('grows', 'uvw');
      else {
        for (const key of 'abcdef') shard.del('shrinks', key);
        fill('shrinks', 'xy');
      }
    }
    expect([...shard.takeUpdates()].map(([family, { set, del }]) => [family, set.size, del.length])).toEqual([['shrinks', 2, 6], ['grows', 3, 0]]);
  });

  it('knows which setting a key is from (S33)', () => {
    const shard = shardWith();
    const first = shard.set('fam', 'a', 1);
    expect([shard.isFrom('fam', 'a', first), shard.isFrom('fam', 'b', first), shard.isFrom('none', 'a', first)]).toEqual([true, false, false]);
    const second = shard.set('fam', 'a', 1);
    expect([shard.isFrom('fam', 'a', first), shard.isFrom('fam', 'a', second)], 'the same value, set again').toEqual([false, true]);
    shard.del('fam', 'a');
    expect(shard.isFrom('fam', 'a', second)).toBe(false);
  });

  it.each([
    ['shardFamilies', 2, 'families'],
    ['shardKeys', 2, 'keys'],
    ['shardOctets', 18, 'octets'],
  ] as const)('refuses more than %s, and is what it was', (name, limit, what) => {
    const shard = shardWith({ [name]: limit });
    shard.set('one', 'a', 1);
    shard.set('two', 'b', 1);
    const before = shard.all();
    expect(() => shard.set('three', 'c', 1)).toThrow(new RangeError(`this node would have set ${name === 'shardOctets' ? 27 : 3} ${what}: limits.${name} is ${limit}`));
    expect(shard.all()).toEqual(before);
    shard.del('one', 'a');
    expect(shard.set('three', 'c', 1)).toBeGreaterThan(0);
  });
});
