import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseRequests } from '../../src/wire/database.js';
import { folded, join, SECRET, type DatabaseClient } from './database-client.js';
import { startG, type NodeG } from './perl-g.js';

describe.each(['json', 'cbor'])('a client that acts as a slave, %s', (framing) => {
  let g: NodeG;
  let slave: DatabaseClient;
  let other: DatabaseClient;
  beforeEach(async () => {
    g = await startG({ secret: SECRET, global: true });
    slave = await join(g, 'S1', { framing });
    other = await join(g, 'S2', { framing });
  });
  afterEach(() => g[Symbol.asyncDispose]());

  it('tells of its shard, changes it in both forms, and takes it with it when it goes', async () => {
    await other.ask('g_slave', {});
    await other.ask('g_mon1', 'fam');
    expect(await other.heard()).toStrictEqual([['g_chg1', 'fam', null]]);

    await slave.ask('g_slave', { fam: { a: 1, b: [null, { x: 'ü€' }] }, elsewhere: { c: 0 } });
    expect(await other.heard()).toStrictEqual([['g_chg2', 'fam', { a: 1, b: [null, { x: 'ü€' }] }, []]]);

    await slave.ask('g_upd', 'fam', { a: null });
    await slave.ask('g_upd', 'fam', { a: null });
    await slave.ask('g_upd', 'fam', null, ['b', 'never there']);
    await slave.ask('g_upd', 'fam', {}, []);
    await slave.ask('g_upd', 'fam', { d: 'x' }, null);
    await slave.ask('g_upd', 'fam', { e: 'y' }, ['d']);
    expect(await other.heard()).toStrictEqual([
      ['g_chg2', 'fam', { a: null }, []],
      ['g_chg2', 'fam', {}, ['b']],
      ['g_chg2', 'fam', { d: 'x' }, []],
      ['g_chg2', 'fam', { e: 'y' }, ['d']],
    ]);

    // the same again, and with a key less: it has lost its connection, and was heard of again
    await slave.ask('g_slave', { fam: { a: null } });
    expect(await other.heard()).toStrictEqual([['g_chg2', 'fam', {}, ['e']]]);

    await slave.ask('g_upd', 'fam', { f: 1, g: 2 });
    await other.heard();
    await slave.close();
    const gone = await other.heard();
    expect(gone).toHaveLength(1);
    expect(gone[0]?.slice(0, 3)).toStrictEqual(['g_chg2', 'fam', {}]);
    expect([...(gone[0]?.[3] as string[])].sort()).toStrictEqual(['a', 'f', 'g']);
  });

  it('many changes of one turn are one message per family', async () => {
    await other.ask('g_mon1', 'fam');
    await other.heard();
    const count = 20;
    for (let i = 0; i < count; i++) slave.client.send('', 'g_upd', 'fam', { [`k${i}`]: i });
    await slave.client.settle();
    const said = await other.heard();
    expect(said.length).toBeLessThan(count);
    expect(Object.keys(folded(said, 'fam'))).toHaveLength(count);
  });

  it('monitors: one g_chg1 for each g_mon1, nothing after g_mon0', async () => {
    await slave.ask('g_slave', { fam: { a: 1 } });
    await other.ask('g_mon1', 'fam');
    await other.ask('g_mon1', 'fam');
    await other.ask('g_mon1', 'empty');
    expect(await other.heard()).toStrictEqual([
      ['g_chg1', 'fam', { a: 1 }],
      ['g_chg1', 'fam', { a: 1 }],
      ['g_chg1', 'empty', null],
    ]);
    await slave.ask('g_upd', 'fam', { a: 2 });
    expect(await other.heard()).toStrictEqual([['g_chg2', 'fam', { a: 2 }, []]]);
    await other.ask('g_mon0', 'fam');
    await other.ask('g_mon0', 'fam');
    await other.ask('g_mon0', 'never');
    await slave.ask('g_upd', 'fam', { a: 3 });
    expect(await other.heard()).toStrictEqual([]);
  });

  it('queries, also of what is unknown', async () => {
    await slave.ask('g_slave', { fam: { a: 1, __proto: 2 } });
    await other.ask('g_db_family', 'fam', 'q1');
    await other.ask('g_db_keys', 'fam', 2);
    await other.ask('g_db_values', 'fam', 'q3');
    expect(await other.heard()).toStrictEqual([
      ['g_reply', 'q1', { a: 1, __proto: 2 }],
      ['g_reply', 2, ['a', '__proto']],
      ['g_reply', 'q3', [1, 2]],
    ]);
    for (const tag of ['g_db_family', 'g_db_keys', 'g_db_values']) await other.ask(tag, 'nofam', tag);
    expect(await other.heard()).toStrictEqual([
      ['g_reply', 'g_db_family', {}],
      ['g_reply', 'g_db_keys', []],
      ['g_reply', 'g_db_values', []],
    ]);
  });

  it('names that objects of JavaScript have are names like any other', async () => {
    const proto = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as object;
    await other.ask('g_mon1', 'constructor');
    await slave.ask('g_slave', { constructor: proto, toString: {} });
    await slave.ask('g_upd', 'hasOwnProperty', proto);
    const [empty, changed] = await other.heard();
    expect(empty).toStrictEqual(['g_chg1', 'constructor', null]);
    expect(JSON.stringify(changed?.[2])).toBe(JSON.stringify(proto));
    await other.ask('g_db_family', 'hasOwnProperty', 'q');
    const [reply] = await other.heard();
    expect(JSON.stringify(reply?.[2])).toBe(JSON.stringify(proto));
    expect(Object.keys(Object.prototype)).toStrictEqual([]);
    expect('polluted' in {}).toBe(false);
    await slave.ask('g_upd', 'constructor', null, ['__proto__']);
    expect(await other.heard()).toStrictEqual([['g_chg2', 'constructor', {}, ['__proto__']]]);
  });

  it('winner-by-id: of two slaves the one with the greater node id, in whatever order; the other when that goes', async () => {
    await slave.ask('g_mon1', 'fam');
    await slave.heard();
    await other.ask('g_slave', { fam: { k: 'S2' } });
    await slave.ask('g_slave', { fam: { k: 'S1' } });
    expect(await slave.heard()).toStrictEqual([['g_chg2', 'fam', { k: 'S2' }, []]]);
    await slave.ask('g_upd', 'fam', { k: 'S1 again' });
    expect(await slave.heard()).toStrictEqual([]);
    await other.close();
    expect(await slave.heard()).toStrictEqual([['g_chg2', 'fam', { k: 'S1 again' }, []]]);
  });

  it('g_find: host:port only, as Perl gives them; null for an unknown node', async () => {
    await slave.ask('g_slave', { "'l": { S1: ['127.0.0.1:4041', 'ws://127.0.0.1:4042'], S3: 'no list', S4: [5, null] } });
    for (const node of ['G', 'S1', 'S3', 'S4', 'unknownnode', '__proto__']) await other.ask('g_find', node);
    expect(await other.heard()).toStrictEqual([
      ['g_found', 'G', [g.address]],
      ['g_found', 'S1', ['127.0.0.1:4041']],
      ['g_found', 'S3', null],
      ['g_found', 'S4', []],
      ['g_found', 'unknownnode', null],
      ['g_found', '__proto__', null],
    ]);
  });
});

describe('who is asked', () => {
  it('g_find: who greets with the key run is told of WebSockets too', async () => {
    await using g = await startG({ secret: SECRET, global: true, binds: ['127.0.0.1:0', 'ws://127.0.0.1:0'] });
    const perl = await join(g, 'perl', { keys: ['gproto=1'] });
    const like = await join(g, 'like', { keys: ['gproto=1', 'provider=rxmp-0', 'run=x'] });
    const [host, url] = g.node.addresses;
    expect([host, url].map((address) => address?.startsWith('ws://'))).toStrictEqual([false, true]);
    await perl.ask('g_find', 'G');
    expect(await perl.heard()).toStrictEqual([['g_found', 'G', [host]]]);
    await like.ask('g_find', 'G');
    expect(await like.heard()).toStrictEqual([['g_found', 'G', [host, url]]]);
  });

  it('a node that is not global answers nothing; it becomes global when it is asked to, and says so to everybody', async () => {
    await using g = await startG({ secret: SECRET });
    const first = await join(g, 'S1');
    const second = await join(g, 'S2');
    await first.ask('g_find', 'G');
    await first.ask('g_db_keys', 'fam', 'q');
    expect(await first.heard()).toStrictEqual([]);
    await first.ask('g_slave');
    await first.ask('g_slave');
    expect(await first.heard()).toStrictEqual([['g_global']]);
    expect(await second.heard()).toStrictEqual([['g_global']]);
    await first.ask('g_slave', { fam: { a: 1 } });
    await first.ask('g_db_keys', 'fam', 'q');
    expect(await first.heard()).toStrictEqual([['g_reply', 'q', ['a']]]);
  });

  it('can-global: answers yes for all requests of the database', async () => {
    await using g = await startG({ secret: SECRET });
    const asker = await join(g, 'S');
    for (const tag of databaseRequests) asker.client.send('', 'can', tag, 'S#r', tag);
    await asker.client.settle();
    expect(asker.client.take()).toStrictEqual([...databaseRequests].map((tag) => ['r', tag, true]));
    expect(databaseRequests.size).toBe(14);
  });
});
