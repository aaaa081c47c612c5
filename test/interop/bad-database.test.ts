import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseRequests } from '../../src/wire/database.js';
import { folded, join, SECRET, type DatabaseClient } from './database-client.js';
import { startG, type NodeG } from './perl-g.js';
import type { Message } from './recorded.js';

const LIMITS = { familySize: 20, keySize: 30, shardFamilies: 4, shardKeys: 10, peerShards: 1, shardOctets: 1_000, peerFamilies: 3, messageDepth: 20 };

type Case = readonly [what: string, reason: RegExp, request: Message];

const text = (value: unknown): string => {
  const written = JSON.stringify(value) as string | undefined;
  return (written ?? 'nothing').slice(0, 40);
};

const NO_FAMILIES: readonly unknown[] = [
  ...[undefined, null, 5, true, {}, [], ['fam'], ''],
  ...['9x', 'a b', 'a-b', 'ä', '_x', "''g", "'", 'a\u0000', '__proto__', '#', 'a'.repeat(300)],
];
const NO_OBJECTS: readonly unknown[] = [5, 'fam', true, [], [['a', 1]]];
const NO_TEXTS: readonly unknown[] = [undefined, null, 5, true, {}, [], ''];
const BAD_KEYS: readonly object[] = [{ '': 1 }, { ['k'.repeat(LIMITS.keySize + 1)]: 1 }, { a: 1, '': 1 }];
const BAD_LISTS: readonly unknown[] = [5, 'a', true, { a: 1 }, [{}], [{ a: 1 }], [null], [[]], [true], ['a', {}], [''], ['k'.repeat(99)]];

const many = (count: number, prefix = 'k'): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, i]));

/** Arrays within each other. */
function nested(levels: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

const ofFamilies = [...databaseRequests]
  .filter((tag) => /upd|db_|mon|chg/.test(tag))
  .flatMap((tag) => NO_FAMILIES.map((family): Case => [`${tag} of ${text(family)}`, /wants a family|is no family/, [tag, ...given(family)]]));

function given(value: unknown): Message {
  return value === undefined ? [] : [value, 'q'];
}

const shapes: readonly Case[] = [
  ...['g_slave', 'g_set'].flatMap((tag): Case[] => [
    ...NO_OBJECTS.map((db): Case => [`${tag} ${text(db)}`, /wants families/, [tag, db]]),
    ...NO_OBJECTS.map((entries): Case => [`${tag} of a family ${text(entries)}`, /wants keys with values/, [tag, { fam: entries }]]),
    ...NO_FAMILIES.filter((name) => typeof name === 'string').map(
      (name): Case => [`${tag} of ${text(name)}`, /is no family/, [tag, JSON.parse(`{"fam":{"x":1},${JSON.stringify(name)}:{}}`)]],
    ),
    ...BAD_KEYS.map((entries): Case => [`${tag} with keys ${text(entries)}`, /a key has/, [tag, { good: { a: 1 }, fam: entries }]]),
  ]),
  ...['g_upd', 'g_chg2'].flatMap((tag): Case[] => [
    ...NO_OBJECTS.map((set): Case => [`${tag} sets ${text(set)}`, /wants keys with values/, [tag, 'fam', set]]),
    ...BAD_KEYS.map((set): Case => [`${tag} sets ${text(set)}`, /a key has/, [tag, 'fam', set]]),
    ...BAD_LISTS.map((del): Case => [`${tag} deletes ${text(del)}`, /wants (a list of )?keys|a key has/, [tag, 'fam', { good: 1 }, del]]),
  ]),
  ...NO_OBJECTS.map((content): Case => [`g_chg1 is ${text(content)}`, /wants keys with values/, ['g_chg1', 'fam', content]]),
  ...['g_find', 'g_found'].flatMap((tag) =>
    NO_TEXTS.map((node): Case => [`${tag} of ${text(node)}`, /wants a node id/, [tag, ...(node === undefined ? [] : [node])]]),
  ),
  ...['g_db_family', 'g_db_keys', 'g_db_values'].flatMap((tag) =>
    [undefined, null, true, {}, []].map((id): Case => [`${tag} with the id ${text(id)}`, /wants an id/, [tag, 'fam', ...(id === undefined ? [] : [id])]]),
  ),
  ...[undefined, null, true, {}, []].map((id): Case => [`g_reply to ${text(id)}`, /wants an id/, ['g_reply', ...(id === undefined ? [] : [id])]]),
];

const tooMuch: readonly Case[] = [
  ['g_slave with too many keys', /limits\.shardKeys/, ['g_slave', { fam: many(LIMITS.shardKeys + 1) }]],
  ['g_slave with too many keys in two families', /limits\.shardKeys/, ['g_slave', { fam: many(6), other: many(5) }]],
  ['g_slave with too many families', /limits\.shardFamilies/, ['g_slave', Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`f${i}`, { a: 1 }]))]],
  ['g_slave with too many octets', /limits\.shardOctets/, ['g_slave', { fam: { a: 'x'.repeat(LIMITS.shardOctets + 1) } }]],
  ['g_set with too many keys', /limits\.shardKeys/, ['g_set', { fam: many(LIMITS.shardKeys + 1) }]],
  ['g_set with too many octets, in lists', /limits\.shardOctets/, ['g_set', { fam: { a: new Array(LIMITS.shardOctets).fill(0) } }]],
  ['g_upd with too many keys', /limits\.shardKeys/, ['g_upd', 'fam', many(LIMITS.shardKeys + 1)]],
  ['g_upd with too many octets', /limits\.shardOctets/, ['g_upd', 'fam', { a: { b: 'x'.repeat(LIMITS.shardOctets + 1) } }]],
  ['a value that nests too deep', /deeper than 20 levels/, ['g_upd', 'fam', { a: nested(LIMITS.messageDepth) }]],
  ['a list to delete that nests too deep', /deeper than 20 levels/, ['g_upd', 'fam', null, nested(LIMITS.messageDepth)]],
  ['a database that nests too deep', /deeper than 20 levels/, ['g_slave', { fam: { a: nested(LIMITS.messageDepth) } }]],
];

/** The same in several messages, each of which is good. */
const slowly: readonly (readonly [string, RegExp, (round: number) => Message])[] = [
  ['keys', /limits\.shardKeys/, (round) => ['g_upd', 'fam', { [`k${round}`]: round }]],
  ['families', /limits\.shardFamilies/, (round) => ['g_upd', `f${round}`, { a: round }]],
  ['octets', /limits\.shardOctets/, (round) => ['g_upd', 'fam', { [`k${round}`]: 'x'.repeat(200) }]],
  ['monitors', /limits\.peerFamilies/, (round) => ['g_mon1', `f${round}`]],
  ['merged keys', /limits\.shardKeys/, (round) => ['g_set', { fam: { [`k${round}`]: round } }]],
];

const octets: readonly Case[] = [
  ['octets for a database', /wants families/, ['g_slave', Uint8Array.of(0xff)]],
  ['octets for keys', /wants keys with values/, ['g_upd', 'fam', Uint8Array.of(0xff)]],
  ['octets for a list', /wants a list of keys/, ['g_upd', 'fam', {}, Uint8Array.of(0xff)]],
  ['octets for a family', /wants a family/, ['g_mon1', Uint8Array.of(0xff)]],
  ['octets for a node', /wants a node id/, ['g_find', Uint8Array.of(0xff)]],
];

describe.each(['json', 'cbor'])('bad-names and other nonsense about the database, %s', (framing) => {
  let g: NodeG;
  let good: DatabaseClient;
  let peer: DatabaseClient;
  let count = 0;
  const seen: unknown[] = [];
  beforeAll(async () => {
    g = await startG({ secret: SECRET, global: true, limits: LIMITS });
    good = await join(g, 'S', { framing });
    peer = await join(g, 'P', { framing: framing === 'json' ? 'cbor' : 'json' });
    await good.ask('g_slave', { fam: { mine: 1 } });
    await good.ask('g_mon1', 'fam');
    await peer.ask('g_global');
    await peer.ask('g_set', { fam: { theirs: 2 } });
    g.node.dbMon('fam').subscribe(({ family }) => seen.push(Object.fromEntries([...family].sort())));
    await good.heard();
    await peer.heard();
  });
  afterAll(() => g[Symbol.asyncDispose]());

  /** Plays a client that is fine until it says the last of the messages; then all is as it was. */
  async function ends(reason: RegExp, messages: readonly Message[], global = false): Promise<void> {
    const mark = g.log.entries.length;
    const bad = await join(g, `bad${++count}`, { framing });
    if (global) await bad.ask('g_global');
    await bad.ask('g_upd', 'fam', { bad: count });
    seen.length = 0;
    const during = { bad: count, mine: 1, theirs: 2 };
    expect(folded(await good.heard(), 'fam', { mine: 1, theirs: 2 })).toStrictEqual(during);
    for (const message of messages) bad.client.send('', ...message);
    await bad.client.until(() => bad.client.closed);

    expect(g.log.reasons(bad.client.address, mark).map((entry) => entry.text)).toStrictEqual([expect.stringMatching(reason)]);
    expect(g.log.entries.slice(mark).filter(({ level }) => level === 'warn' || level === 'error')).toHaveLength(1);
    // its own key went with it, and nothing else came or went
    const after = await good.heard();
    expect(folded(after, 'fam', during)).toStrictEqual({ mine: 1, theirs: 2 });
    await peer.heard();
    await good.ask('g_db_family', 'fam', 'q');
    expect((await good.heard()).map(([, , family]) => folded([['g_chg1', 'fam', family]], 'fam'))).toStrictEqual([{ mine: 1, theirs: 2 }]);
    expect(seen.at(-1)).toStrictEqual({ mine: 1, theirs: 2 });
    expect([good, peer].map(({ client }) => client.closed)).toStrictEqual([false, false]);
  }

  it('there are enough cases', () => {
    expect(new Set([...ofFamilies, ...shapes, ...tooMuch].map(([what]) => what)).size).toBeGreaterThan(250);
  });

  it.each(ofFamilies)('%s', (_, reason, request) => ends(reason, [request]));
  it.each(shapes)('%s', (_, reason, request) => ends(reason, [request]));
  it.each([...tooMuch, ...(framing === 'cbor' ? octets : [])])('%s', (_, reason, request) => ends(reason, [request]));
  it.each(slowly)('too many %s, one after the other', (what, reason, request) =>
    ends(reason, Array.from({ length: LIMITS.shardKeys + 1 }, (_, round) => request(round)), what === 'merged keys'),
  );

  it('what only a master says is not heard from others', async () => {
    const other = await join(g, 'X', { framing });
    await other.ask('g_chg1', 'fam', { forged: 1 });
    await other.ask('g_chg2', 'fam', { forged: 1 }, ['mine']);
    await other.ask('g_reply', '1', { forged: 1 });
    await other.ask('g_found', 'S', ['127.0.0.1:1']);
    await other.ask('g_db_family', 'fam', 'q');
    expect(folded((await other.heard()).map(([, , family]) => ['g_chg1', 'fam', family]), 'fam')).toStrictEqual({ mine: 1, theirs: 2 });
    expect(seen.at(-1)).toStrictEqual({ mine: 1, theirs: 2 });
    await other.close();
  });
});
