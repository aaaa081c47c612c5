import { describe, expect, it } from 'vitest';
import { createMastership } from '../../../src/database/mastership.js';
import { createQuestions } from '../../../src/database/core/questions.js';
import { pieces } from '../../../src/database/core/pieces.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { createWorld } from '../../../marbles/world.js';
import { house } from './visitors.js';

const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));

describe('limits of the database', () => {
  it.each([
    ['familySize', { familySize: 10 }, ['g_upd', 'f'.repeat(10), { a: 1 }], ['g_upd', 'f'.repeat(11), { a: 1 }], /is no family/],
    ['keySize', { keySize: 10 }, ['g_upd', 'fam', { ['k'.repeat(10)]: 1 }], ['g_upd', 'fam', { ['k'.repeat(11)]: 1 }], /limits.keySize/],
    ['shardFamilies', { shardFamilies: 2 }, ['g_slave', { a: { k: 1 }, b: { k: 1 } }], ['g_upd', 'c', { k: 1 }], /limits.shardFamilies is 2/],
    ['shardKeys', { shardKeys: 3 }, ['g_slave', { a: many(3) }], ['g_upd', 'a', { more: 1 }], /limits.shardKeys is 3/],
    ['shardOctets', { shardOctets: 100 }, ['g_slave', { a: { k: 'x'.repeat(99) } }], ['g_upd', 'a', { k: 'x'.repeat(100) }], /limits.shardOctets is 100/],
    ['peerShards', { shardKeys: 3, peerShards: 2 }, ['g_set', { a: many(6) }], ['g_upd', 'a', { more: 1 }, []], /limits.shardKeys is 3, and limits.peerShards 2/],
    ['peerFamilies', { peerFamilies: 1 }, ['g_mon1', 'a'], ['g_mon1', 'b'], /limits.peerFamilies/],
  ])('%s: as much as that is taken, one more ends that connection', async (name, limits, fits, tooMuch, reason) => {
    const { peer, warnings } = await house(limits, { global: true });
    const [bad, good] = [await peer('bad'), await peer('good')];
    if (name === 'peerShards') bad.send('', 'g_global');
    expect(bad.send('', ...fits)).toBe(true);
    expect(bad.send('', ...tooMuch)).toBe(false);
    expect(warnings()).toEqual([expect.stringMatching(reason)]);
    expect(good.send('', 'g_upd', 'a', { k: 1 })).toBe(true);
  });

  it.each([
    ['familySize', { familySize: 10 }, ['f'.repeat(10), 'k'], ['f'.repeat(11), 'k']],
    ['keySize', { keySize: 10 }, ['fam', 'k'.repeat(10)], ['fam', 'k'.repeat(11)]],
    ['shardFamilies', { shardFamilies: 2 }, ['fam', 'k'], ['other', 'k']],
    ['shardKeys', { shardKeys: 2 }, ['fam', 'k'], ['fam', 'other']],
  ] as const)('%s: one more of the own throws', async (_, limits, [family, key], [otherFamily, otherKey]) => {
    const { node } = await house(limits);
    // besides where the node listens
    node.dbSet(family, key, 1);
    expect(() => node.dbSet(otherFamily, otherKey, 1)).toThrow(/familySize|at most 10|limits\./);
  });

  it('peerQuestions: two wait, a third of the same node ends its connection', () => {
    const answered: unknown[] = [];
    const questions = createQuestions(2, (from) => answered.push(from));
    const ask = (from: string): boolean => questions.keep(from, { kind: 'g_find', node: 'x' });
    expect([ask('bad'), ask('bad'), ask('good')]).toEqual([true, true, true]);
    expect(() => ask('bad')).toThrow('bad has more than 2 open questions (limits.peerQuestions)');
    questions.answer();
    expect(answered).toEqual(['bad', 'bad', 'good']);
    expect([ask('bad'), ask('bad')]).toEqual([true, true]);
    questions.forget('bad');
    expect(ask('bad')).toBe(true);
  });

  it('databasePiece: as much as that goes in one message, more in several', () => {
    const content = (octets: number) => ({ kind: 'g_chg1', family: 'fam', content: new Map([['a', 'x'.repeat(49)], ['b', 'x'.repeat(octets - 51)]]), more: false }) as const;
    expect(pieces(content(100), 100, true)).toHaveLength(1);
    expect(pieces(content(101), 100, true)).toHaveLength(2);
  });

  it('handoverTime: so long a new global asks its old master, which has not told it of its slaves', () => {
    const clock = new VirtualClock();
    const sources: unknown[] = [];
    let source: string | undefined = 'old';
    createMastership({
      ...{ clock, handoverTime: 700, self: 'new', seedNodes: () => ['old'], hasSeeds: () => true, isUp: () => true, settled: () => undefined },
      directory: { isGlobal: true, hasTold: () => false, globals: () => [] },
      replica: { holder: 'new', get source() { return source; }, setHolder: () => undefined, setSource: (node) => { source = node; sources.push(node); } },
    }).update();
    clock.runFor(699);
    expect(sources).toEqual([]);
    clock.runFor(1);
    expect(sources).toEqual(['new']);
  });

  it('regroupTime: so long a key stays that the new master does not know', async () => {
    const world = createWorld();
    const { clock, network } = world;
    await world.start('a', { global: true });
    await world.start('b', { global: true, seeds: ['memory://a'] });
    const lost = await world.start('lost', { seeds: ['memory://a'] });
    const watcher = await world.start('w', { seeds: ['memory://a', 'memory://b'], limits: { regroupTime: 700 } });
    clock.runFor(5_000);
    let seen: readonly string[] = [];
    lost.dbSet('fam', 'key', 1);
    watcher.dbMon('fam').subscribe(({ family }) => { seen = [...family.keys()]; });
    clock.runFor(100);
    expect(seen).toEqual(['key']);
    network.partition([['a', 'lost'], ['b', 'w']]);
    clock.runFor(699);
    expect(seen).toEqual(['key']);
    clock.runFor(2);
    expect(seen).toEqual([]);
    await world.close();
  });
});
