import { federate, read, write } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { bench, GUEST } from './cases.js';

const denied = (what: string, right?: object, of?: object): object => ({ denied: [{ kind: 'refused', what, right, answer: undefined, of }] });

describe('G2: the table of requests to the database', () => {
  it('G2: g_slave without keys is a wish that is not heard, and with keys they are set as far as it may', () => {
    const { database } = bench([write('presence', { key: 'ada' })]);
    expect(database('g_slave')).toEqual({ denied: [] });
    const { pass, denied: refused } = database('g_slave', { presence: { ada: 1, bob: 2 }, "'l": { gate: [] }, secrets: { x: 1 } });
    expect(pass).toEqual({ kind: 'g_slave', db: new Map([['presence', new Map([['ada', 1]])]]) });
    expect(refused.map(({ what }) => what)).toEqual(['to set "bob" in "presence"', 'to set "gate" in "\'l"', 'to set "x" in "secrets"']);
  });

  it('G2: g_upd sets and deletes keys of its own', () => {
    const { database } = bench([write('presence', { key: 'ada' }), write('drafts', { prefix: 'ada/' })]);
    expect(database('g_upd', 'presence', { ada: 1 }).pass).toMatchObject({ family: 'presence', set: new Map([['ada', 1]]), del: [] });
    expect(database('g_upd', 'drafts', { 'ada/1': 1, bob: 2 })).toEqual({
      pass: { kind: 'g_upd', family: 'drafts', set: new Map([['ada/1', 1]]), del: [], scope: 'own' },
      ...denied('to set "bob" in "drafts"', write('drafts', { key: 'bob' }), { family: 'drafts', keys: ['bob'] }),
    });
    expect(database('g_upd', 'presence', null, ['bob']), 'it has not set that').toEqual({ denied: [] });
    expect(database('g_upd', 'presence', null, ['ada', 'bob']).pass).toMatchObject({ del: ['ada'] });
    expect(database('g_upd', 'presence', null, ['ada'])).toEqual({ denied: [] });
  });

  it('G2: g_upd never sets keys of families of the network, or of scopes, nor for other nodes', () => {
    const { database } = bench([write('*'), federate('*')]);
    expect(database('g_upd', "'guests", { x: 1 })).toEqual(denied('to set "x" in "\'guests"', { kind: 'write', family: "'guests", key: 'x' }, { family: "'guests", keys: ['x'] }));
    expect(database('g_upd', 'federation:room', { 'gate#x': 1 }).pass).toBeUndefined();
    // as a global node says it, and as a guest does that sets and deletes at the same time
    expect(database('g_upd', 'presence', { x: 1 }, []).pass).toMatchObject({ scope: 'own', del: [] });
    expect(database('g_upd', 'presence', { y: 1 }, ['x', 'z']).pass).toMatchObject({ scope: 'own', del: ['x'] });
  });

  it('G2: g_upd does not tell of ports that it was not told of', () => {
    const { database } = bench([write('rooms')]);
    for (const entries of [{ 'worker#secret': 1 }, { room: 'worker#secret' }, { room: { at: ['worker'] } }]) {
      expect(database('g_upd', 'rooms', entries).pass).toBeUndefined();
    }
    expect(database('g_upd', 'rooms', { [`${GUEST}#room`]: 1 }).pass).toBeDefined();
  });

  it('G2, G8: g_upd keeps to the limits "keys" and "bytes"', () => {
    const { database } = bench([write('presence')], { keys: 2, bytes: 300 });
    const what = ({ denied: refused }: { readonly denied: readonly { readonly what: string }[] }): string[] => refused.map((one) => one.what);
    expect(what(database('g_upd', 'presence', { a: 1, b: 1, c: 1 }))).toEqual(['to set "c" in "presence": its limit "keys" is 2']);
    expect(what(database('g_upd', 'presence', { a: 2 })), 'it has that already').toEqual([]);
    expect(what(database('g_upd', 'presence', { a: 'x'.repeat(400) }))).toEqual(['to set "a" in "presence": its limit "bytes" is 300']);
    database('g_upd', 'presence', null, ['a']);
    expect(what(database('g_upd', 'presence', { c: 1 }))).toEqual([]);
  });

  it('G2: g_find is answered by the gate', () => {
    expect(bench().database('g_find', 'worker')).toEqual({ find: 'worker', denied: [] });
  });

  it.each(['g_db_family', 'g_db_keys', 'g_db_values'])('G2: %s passes for families that it may read', (tag) => {
    const { database } = bench([read('rooms'), read("'guests"), read('open:*')]);
    for (const family of ['rooms', "'guests", 'open:a']) expect(database(tag, family, 1).pass).toMatchObject({ kind: tag, family });
    expect(database(tag, 'secrets', 1)).toEqual(denied('to read "secrets"', read('secrets'), { query: 1 }));
    for (const family of ["'l", 'room', 'federation:room']) expect(database(tag, family, 1).pass, family).toBeUndefined();
    expect(bench([read('*')]).database(tag, "'guests", 1).pass, 'that has to be named').toBeUndefined();
  });

  it('G2, G8: g_mon1 passes for families that it may read, up to the limit "families"', () => {
    const { database } = bench([read('rooms'), read('open:*')], { families: 2 });
    expect(database('g_mon1', 'secrets')).toEqual(denied('to watch "secrets"', read('secrets'), { family: 'secrets' }));
    expect(database('g_mon1', "'l").pass).toBeUndefined();
    for (const family of ['rooms', 'open:a', 'rooms']) expect(database('g_mon1', family).pass).toMatchObject({ kind: 'g_mon1', family });
    expect(database('g_mon1', 'open:b')).toEqual(denied('to watch "open:b": its limit "families" is 2', undefined, { family: 'open:b' }));
    database('g_mon0', 'rooms');
    expect(database('g_mon1', 'open:b').pass).toBeDefined();
  });

  it('G2, G8: g_mon1 of a scope is the gate\'s business where it may take part, up to the limit "scopes"', () => {
    const { database } = bench([federate('room:*'), read('*')], { scopes: 1 });
    expect(database('g_mon1', 'federation:vault')).toEqual(denied('to watch "federation:vault"', { kind: 'federate', scope: 'vault' }, { family: 'federation:vault' }));
    expect(database('g_mon1', 'federation:room:1')).toEqual({ scope: { name: 'room:1', watched: true }, denied: [] });
    expect(database('g_mon1', 'federation:room:2')).toEqual(denied('to watch "federation:room:2": its limit "scopes" is 1', undefined, { family: 'federation:room:2' }));
    expect(database('g_mon0', 'federation:room:1')).toEqual({ scope: { name: 'room:1', watched: false }, denied: [] });
  });

  it('G2: g_mon0 passes for what it watches', () => {
    const { database } = bench([read('rooms')]);
    expect(database('g_mon0', 'rooms')).toEqual({ denied: [] });
    database('g_mon1', 'rooms');
    expect(database('g_mon0', 'rooms').pass).toMatchObject({ kind: 'g_mon0', family: 'rooms' });
  });

  it.each([['g_global'], ['g_set', {}], ['g_found', 'worker', ['memory://evil']], ['g_reply', 1, []], ['g_chg1', 'rooms', {}], ['g_chg2', 'rooms', {}, []]] as const)('G2: %s is never a guest\'s', (...message) => {
    const { pass, find, scope, denied: refused } = bench([read('*'), write('*'), federate('*')]).database(...message);
    expect([pass, find, scope, refused.length]).toEqual([undefined, undefined, undefined, 1]);
  });
});

describe('G8: questions', () => {
  it('that are not answered yet are limited', () => {
    const { database } = bench([read('rooms')], { families: 2 });
    for (const id of ['1', '2', '2']) expect(database('g_db_keys', 'rooms', id).pass).toBeDefined();
    expect(database('g_db_keys', 'rooms', '3')).toEqual(denied('to read "rooms": its limit "families" is 2', undefined, { query: '3' }));
  });
});
