import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folded, join, SECRET, type DatabaseClient } from './database-client.js';
import { startG, type NodeG } from './perl-g.js';

describe.each(['json', 'cbor'])('a client that acts as a global node, %s', (framing) => {
  let g: NodeG;
  let slave: DatabaseClient;
  let peer: DatabaseClient;
  beforeEach(async () => {
    g = await startG({ secret: SECRET, global: true });
    slave = await join(g, 'S1', { framing });
    peer = await join(g, 'P', { framing });
  });
  afterEach(() => g[Symbol.asyncDispose]());

  it('gets the shards of all slaves, then what changes; each is told only of the slaves of the other (D3)', async () => {
    await slave.ask('g_slave', { fam: { ours: 1 } });
    await slave.ask('g_mon1', 'fam');
    await peer.ask('g_global');
    const [told] = (await peer.heard()).filter(([tag]) => tag === 'g_set');
    expect(told).toStrictEqual(['g_set', { fam: { ours: 1 }, "'l": { G: [g.address] }, "'g": { G: null, P: null } }]);

    await peer.ask('g_set', { fam: { theirs: 1, ours: 'hidden' }, "'g": { P: null } });
    await peer.ask('g_upd', 'fam', { later: 2 }, []);
    await peer.ask('g_upd', 'fam', {}, ['theirs']);
    // the one with the greater id is shown: P before G
    expect(folded(await slave.heard(), 'fam')).toStrictEqual({ later: 2, ours: 'hidden' });
    expect((await peer.heard()).filter(([, family]) => family === 'fam')).toStrictEqual([]);

    await slave.ask('g_upd', 'fam', { ours: 3, new: 4 });
    await slave.ask('g_upd', 'fam', null, ['ours']);
    expect(await peer.heard()).toStrictEqual([
      ['g_upd', 'fam', { ours: 3, new: 4 }, []],
      ['g_upd', 'fam', {}, ['ours']],
    ]);

    // a third one hears nothing of the peer's slaves, only that there is such a node
    const third = await join(g, 'Q', { framing });
    await third.ask('g_global');
    const [set] = (await third.heard()).filter(([tag]) => tag === 'g_set');
    expect(set?.[1]).toStrictEqual({ fam: { new: 4 }, "'l": { G: [g.address] }, "'g": { G: null, P: null, Q: null } });
    await peer.ask('g_upd', 'fam', { latest: 1 }, []);
    expect(await third.heard()).toStrictEqual([]);

    const before = folded(await slave.heard(), 'fam', { later: 2, ours: 'hidden' });
    await peer.close();
    expect(folded(await slave.heard(), 'fam', before)).toStrictEqual({ new: 4 });
    expect(await third.heard()).toStrictEqual([['g_upd', "'g", {}, ['P']]]);
  });

  it('g_global again: what was held of that node before is forgotten', async () => {
    await slave.ask('g_mon1', 'fam');
    await peer.ask('g_global');
    await peer.ask('g_set', { fam: { a: 1, b: 2 } });
    await peer.ask('g_global');
    await peer.ask('g_set', { fam: { b: 2, c: 3 } });
    expect(folded(await slave.heard(), 'fam')).toStrictEqual({ b: 2, c: 3 });
    await peer.ask('g_db_family', 'fam', 'q');
    expect((await peer.heard()).filter(([tag]) => tag === 'g_reply')).toStrictEqual([['g_reply', 'q', { b: 2, c: 3 }]]);
  });

  const greetings: readonly (readonly [string, readonly (readonly unknown[])[]])[] = [
    ['g_global, then g_slave', [['g_global'], ['g_slave', { "'l": { P: ['127.0.0.1:4050'] }, "'g": { P: null }, fam: { own: 1 } }]]],
    ['g_slave, then g_global', [['g_slave', { "'l": { P: ['127.0.0.1:4050'] }, "'g": { P: null }, fam: { own: 1 } }], ['g_global']]],
  ];
  it.each(greetings)("a global node that makes this one its master, as Perl's do: %s; no echo, no key lost", async (_, first) => {
    await slave.ask('g_slave', { fam: { ours: 1 } });
    await slave.ask('g_mon1', 'fam');
    const third = await join(g, 'Q', { framing });
    await third.ask('g_global');
    await third.heard();

    for (const request of first) await peer.ask(...request);
    await peer.ask('g_set', { "'l": { P: ['127.0.0.1:4050'] }, "'g": { P: null }, fam: { own: 1, theirs: 2 } });
    expect(folded(await slave.heard(), 'fam')).toStrictEqual({ ours: 1, own: 1, theirs: 2 });
    // as a global, then as a slave
    await peer.ask('g_upd', 'fam', { theirs: 3, more: 4 }, []);
    await peer.ask('g_upd', 'fam', { own: 5, mine: 6 });
    let seen = folded(await slave.heard(), 'fam', { ours: 1, own: 1, theirs: 2 });
    expect(seen).toStrictEqual({ mine: 6, more: 4, ours: 1, own: 5, theirs: 3 });

    // what it has told as a global comes back in no form
    const back = await peer.heard();
    expect(Object.keys(folded(back, 'fam')).filter((key) => ['theirs', 'more'].includes(key))).toStrictEqual([]);

    await peer.ask('g_upd', 'fam', null, ['own', 'mine']);
    await peer.ask('g_upd', 'fam', {}, ['more']);
    seen = folded(await slave.heard(), 'fam', seen);
    expect(seen).toStrictEqual({ ours: 1, theirs: 3 });
    await peer.close();
    expect(folded(await slave.heard(), 'fam', seen)).toStrictEqual({ ours: 1 });
    // the third one keeps nothing of it either
    const left = folded(await third.heard(), 'fam', { ours: 1 });
    expect(left).toStrictEqual({ ours: 1 });
  });
});
