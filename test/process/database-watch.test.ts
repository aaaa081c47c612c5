import { beforeAll, describe, expect, it } from 'vitest';
import { startDatabaseNode, type DatabaseNode } from './database-nodes.js';

describe('the checks that every process makes', () => {
  const first = { family: [['a', 1], ['b', 2]], add: ['a', 'b'], chg: [], del: [], current: true };
  let node: DatabaseNode;
  beforeAll(async () => {
    node = await startDatabaseNode({});
  });

  const check = async (...more: readonly unknown[]): Promise<readonly string[]> => {
    return node.ask('check', [first, ...more], [['a', '1']], ['b']);
  };
  const change = (family: readonly unknown[], add: readonly string[], chg: readonly string[], del: readonly string[], current = true): unknown =>
    ({ family, add, chg, del, current });

  it('find nothing wrong with what is right', async () => {
    const changed = change([['a', 2], ['b', 2], ['c', 1]], ['c'], ['a'], []);
    expect(await check(changed, change([['a', 2], ['b', 2]], [], [], ['c']))).toEqual([]);
    expect(await check(change([['a', 1], ['b', 2]], [], [], [], false))).toEqual([]);
  });

  it.each([
    ['add of a, which was there', change([['a', 2], ['b', 2]], ['a'], [], [])],
    ['chg of c, which was absent', change([['a', 1], ['b', 2], ['c', 1]], [], ['c'], [])],
    ['chg of a, which has the same value', change([['a', 1], ['b', 2]], [], ['a'], [])],
    ['del of c, which was absent', change([['a', 1], ['b', 2]], [], [], ['c'])],
    ['a key is in the lists twice', change([['a', 2], ['b', 2]], [], ['a', 'a'], [])],
    ['nothing has changed', change([['a', 1], ['b', 2]], [], [], [])],
    ['the fold is', change([['a', 1], ['b', 3]], [], [], [])],
    ['the own key a has vanished', change([['b', 2]], [], [], ['a'])],
    ['b has vanished', change([['a', 1]], [], [], ['b'])],
  ])('find: %s', async (text, wrong) => {
    expect((await check(wrong)).join()).toContain(text);
  });
});
