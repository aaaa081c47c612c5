import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { databaseRequests, decodeDatabaseRequest, encodeDatabaseRequest, type DatabaseRequest, type Entries } from '../../../src/wire/database.js';
import { ProtocolError, RxmpError } from '../../../src/wire/errors.js';

const limits = { ...defaultLimits, familySize: 20, keySize: 30 };
const decode = (message: readonly unknown[]): DatabaseRequest | undefined => decodeDatabaseRequest(String(message[0]), message.slice(1), limits);
const entries = (object: object): Entries => new Map(Object.entries(object));
const odd: Entries = new Map<string, unknown>([['__proto__', 1], ['constructor', null], ['12', [1]], ['ключ 🔑', { a: 1 }], ['\u0000', '']]);

const shapes: readonly DatabaseRequest[] = [
  { kind: 'g_slave', db: undefined },
  { kind: 'g_slave', db: new Map() },
  { kind: 'g_slave', db: new Map([['fam', odd], ["'l", entries({ n: ['h:1'] })]]) },
  { kind: 'g_global' },
  { kind: 'g_set', db: new Map([['fam', odd]]), more: false },
  { kind: 'g_set', db: new Map([['fam', odd]]), more: true },
  { kind: 'g_upd', family: 'fam', set: odd, del: [], scope: 'own' },
  { kind: 'g_upd', family: 'fam', set: new Map(), del: ['__proto__', '12'], scope: 'own' },
  { kind: 'g_upd', family: "'g", set: odd, del: [], scope: 'merged' },
  { kind: 'g_upd', family: 'fam', set: new Map(), del: ['a'], scope: 'merged' },
  { kind: 'g_upd', family: 'fam', set: odd, del: ['a'], scope: 'merged' },
  { kind: 'g_find', node: 'n' },
  { kind: 'g_found', node: 'n', addresses: ['h:1'] },
  { kind: 'g_found', node: 'n', addresses: null },
  { kind: 'g_db_family', family: 'fam', id: 'a' },
  { kind: 'g_db_keys', family: 'fam', id: 7 },
  { kind: 'g_db_values', family: 'fam', id: 'b' },
  { kind: 'g_reply', id: 'a', result: ['x'], more: false },
  { kind: 'g_reply', id: 'a', result: null, more: true },
  { kind: 'g_mon1', family: 'A:b_9' },
  { kind: 'g_mon0', family: 'fam' },
  { kind: 'g_chg1', family: 'fam', content: odd, more: false },
  { kind: 'g_chg1', family: 'fam', content: new Map(), more: true },
  { kind: 'g_chg1', family: 'fam', content: new Map(), more: false },
  { kind: 'g_chg2', family: 'fam', set: odd, del: ['a'] },
];

describe('database requests', () => {
  it('all kinds have shapes here', () => {
    expect(new Set(shapes.map(({ kind }) => kind))).toEqual(databaseRequests);
  });

  it.each(shapes.map((request) => [request.kind, request] as const))('%s comes back from JSON as it was', (_, request) => {
    expect(decode(JSON.parse(JSON.stringify(encodeDatabaseRequest(request))) as readonly unknown[])).toEqual(request);
  });

  it.each(shapes.map((request) => [request.kind, request] as const))('%s comes back as one of rxmp\'s sends it, with keys and values in one list', (_, request) => {
    const sent = encodeDatabaseRequest(request, true);
    expect(decode(JSON.parse(JSON.stringify(sent)) as readonly unknown[])).toEqual(request);
  });

  it('sends rxmp\'s nodes lists', () => {
    expect(encodeDatabaseRequest({ kind: 'g_chg2', family: 'f', set: entries({ a: 1, b: { c: 2 } }), del: [] }, true)).toEqual(['g_chg2', 'f', ['a', 1, 'b', { c: 2 }], []]);
  });

  it.each<[string, readonly unknown[], DatabaseRequest]>([
    ['an update without its third part', ['g_upd', 'fam', { a: 1 }], { kind: 'g_upd', family: 'fam', set: entries({ a: 1 }), del: [], scope: 'own' }],
    ['an update with null', ['g_upd', 'fam', null, ['a']], { kind: 'g_upd', family: 'fam', set: new Map(), del: ['a'], scope: 'own' }],
    ['a global that deletes', ['g_upd', 'fam', {}, ['a']], { kind: 'g_upd', family: 'fam', set: new Map(), del: ['a'], scope: 'merged' }],
    ['deleted keys that Perl took for numbers', ['g_chg2', 'fam', {}, [12, 1.5]], { kind: 'g_chg2', family: 'fam', set: new Map(), del: ['12', '1.5'] }],
    ['no shard yet', ['g_slave', null], { kind: 'g_slave', db: new Map() }],
    ['nothing set', ['g_set', null], { kind: 'g_set', db: new Map(), more: false }],
    ['nothing at all', ['g_set'], { kind: 'g_set', db: new Map(), more: false }],
    ['nothing deleted', ['g_chg2', 'fam', null, null], { kind: 'g_chg2', family: 'fam', set: new Map(), del: [] }],
    ['an empty family', ['g_chg1', 'fam', null], { kind: 'g_chg1', family: 'fam', content: new Map(), more: false }],
    ['listeners that nobody knows', ['g_found', 'n', null], { kind: 'g_found', node: 'n', addresses: null }],
    ['listeners that are none', ['g_found', 'n', ['h:1', 2, null]], { kind: 'g_found', node: 'n', addresses: ['h:1'] }],
    ['an answer without result', ['g_reply', 'a'], { kind: 'g_reply', id: 'a', result: null, more: false }],
  ])('as AnyEvent::MP sends it: %s', (_, message, request) => {
    expect(decode(message)).toEqual(request);
  });

  it('sends an own update of both parts in one message: who is no global has nothing else', () => {
    expect(encodeDatabaseRequest({ kind: 'g_upd', family: 'f', set: entries({ a: 1 }), del: ['b'], scope: 'own' })).toEqual(['g_upd', 'f', entriesAsObject({ a: 1 }), ['b']]);
  });

  it.each<[string, readonly unknown[]]>([
    ['a shard that is a list', ['g_slave', []]],
    ['a shard that is a text', ['g_slave', 'x']],
    ['a shard with a text for a family', ['g_slave', { fam: 'x' }]],
    ['octets for a family', ['g_set', { fam: new Uint8Array(2) }]],
    ['a family of a shard with a wrong name', ['g_set', { '9x': {} }]],
    ['no family', ['g_upd']],
    ['an empty family', ['g_mon1', '']],
    ['a family with a space', ['g_mon1', 'a b']],
    ['a family with two apostrophes', ['g_mon1', "''g"]],
    ['a family that is a number', ['g_mon0', 7]],
    ['a family that is too long', ['g_mon1', 'x'.repeat(21)]],
    ['a key that is empty', ['g_upd', 'fam', { '': 1 }]],
    ['a key that is too long', ['g_upd', 'fam', { ['k'.repeat(31)]: 1 }]],
    ['a deleted key that is empty', ['g_upd', 'fam', null, ['']]],
    ['a deleted key that is none', ['g_upd', 'fam', null, [null]]],
    ['deleted keys that are no list', ['g_upd', 'fam', {}, { a: 1 }]],
    ['keys that are no object', ['g_chg2', 'fam', 'x', []]],
    ['a list of keys and values that ends in a key', ['g_chg1', 'fam', ['x']]],
    ['no node', ['g_find']],
    ['a list of keys and values with a number for a key', ['g_chg2', 'fam', [1, 'x'], []]],
    ['a list of keys and values with an empty key', ['g_chg2', 'fam', ['', 'x'], []]],
    ['a node that is a list', ['g_found', ['n']]],
    ['a query without id', ['g_db_keys', 'fam']],
    ['an answer with a strange id', ['g_reply', {}, 1]],
  ])('refuses %s (D9)', (_, message) => {
    expect(() => decode(message)).toThrow(ProtocolError);
  });

  it('knows nothing else', () => {
    expect(decode(['g_other', 1])).toBeUndefined();
  });

  it('whatever comes, it is a request or a ProtocolError (D9)', () => {
    const tags = fc.constantFrom(...databaseRequests);
    fc.assert(fc.property(tags, fc.array(fc.oneof(fc.anything(), fc.constantFrom('fam', "'l", 'n'), fc.dictionary(fc.string(), fc.jsonValue())), { maxLength: 4 }), (tag, args) => {
      try {
        const request = decodeDatabaseRequest(tag, args, limits);
        expect(request?.kind).toBe(tag);
      } catch (error) {
        expect(error).toBeInstanceOf(RxmpError);
      }
    }), { numRuns: 500 });
  });
});

function entriesAsObject(object: object): object {
  return Object.assign(Object.create(null) as object, object);
}
