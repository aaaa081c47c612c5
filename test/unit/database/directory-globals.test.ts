import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../../src/database/core/directory.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { GLOBALS, HEARD, LISTENERS, RELAYS, WEB_LISTENERS } from '../../../src/database/core/names.js';
import { defaultLimits } from '../../../src/env/limits.js';
import type { DatabaseRequest, Entries, Shard } from '../../../src/wire/database.js';
import '../../fixtures/entries.js';

const entries = (object: object): Entries => new Map(Object.entries(object));
const shard = (object: Record<string, object>): Shard => new Map(Object.entries(object).map(([family, inner]) => [family, entries(inner)]));
const slave = (object: Record<string, object>): DatabaseRequest => ({ kind: 'g_slave', db: shard(object) });
const told = (object: Record<string, object>, more = false): DatabaseRequest => ({ kind: 'g_set', db: shard(object), more });
const GLOBAL: DatabaseRequest = { kind: 'g_global' };
const none: Shard = new Map();

/** The directory of a node `rx`, which is no global yet; names of those of rxmp begin with rx. */
function make() {
  const sent: (readonly [to: string, DatabaseRequest])[] = [];
  let ended = 0;
  const merge = createMerge('rx');
  const directory = createDirectory({
    self: 'rx',
    limits: defaultLimits,
    send: (nodes, request) => { for (const node of nodes) sent.push([node, request]); },
    isRxmp: (node) => node.startsWith('rx'),
    relaysTo: (node) => node.startsWith('rx-near'),
    wanted: () => { directory.becomeGlobal([]); },
    handedOver: () => () => { ended++; },
  }, merge);
  return {
    directory,
    merge,
    ended: () => ended,
    does(from: string, ...requests: readonly DatabaseRequest[]): void {
      for (const request of requests) directory.request(from, request);
    },
    /** What was sent since the last look. */
    sent: () => {
      directory.flush();
      return sent.splice(0);
    },
    asks(from: string, request: DatabaseRequest): unknown {
      sent.length = 0;
      directory.request(from, request);
      const [, reply] = sent.pop() ?? [];
      return reply?.kind === 'g_reply' ? reply.result : reply?.kind === 'g_found' ? reply.addresses : reply;
    },
  };
}

describe('a node that becomes global', () => {
  it.each([[[]], [['a']], [['a', 'b']]])('tells all whom it is connected with, once: %j', (up) => {
    const { directory, sent } = make();
    directory.up('early');
    expect([directory.isGlobal, directory.globals(), sent()]).toEqual([false, [], []]);
    directory.becomeGlobal(up);
    directory.becomeGlobal(up);
    directory.up('late');
    expect([directory.isGlobal, directory.globals()]).toEqual([true, ['rx']]);
    expect(sent()).toEqual([...up, 'late'].map((node) => [node, GLOBAL]));
  });

  it('tells its shard to globals that it knew before, and they count from then on', () => {
    const { directory, does, sent } = make();
    does('h', GLOBAL);
    does('rx1', GLOBAL);
    expect([sent(), directory.globals()]).toEqual([[], []]);
    directory.becomeGlobal(['h']);
    // what each hears of the others comes in the order of the introductions
    const [first, ...others] = sent();
    expect(first).toEqual(['h', GLOBAL]);
    expect(others).toEqual(expect.arrayContaining([
      ['h', { kind: 'g_set', db: shard({ [GLOBALS]: { rx: null, h: null } }), more: false }],
      ['rx1', { kind: 'g_set', db: shard({ [GLOBALS]: { rx: null, h: null, rx1: null } }), more: false }],
    ]));
    expect(directory.globals()).toEqual(['rx', 'h', 'rx1']);
  });

  it('tells those whom it meets all at once: what has changed before does not come again', () => {
    const { directory, does, sent, merge } = make();
    const own = merge.origin('rx', true);
    const toldOf = (node: string) => sent().flatMap(([to, request]) => (to === node && 'kind' in request && request.kind !== 'g_global'
      ? [[request.kind, 'family' in request ? request.family : 'db' in request && [...request.db?.keys() ?? []]]] : []));
    does('h', GLOBAL);
    merge.set(own, 'fam', 'k', 1);
    directory.becomeGlobal([]);
    // that this one is global, and that the other one is
    expect(toldOf('h')).toEqual([['g_upd', GLOBALS], ['g_upd', GLOBALS], ['g_set', ['fam', GLOBALS]]]);
    merge.set(own, 'fam', 'l', 1);
    does('i', GLOBAL);
    expect(toldOf('i')).toEqual([['g_upd', GLOBALS], ['g_set', ['fam', GLOBALS]]]);
    merge.set(own, 'fam', 'm', 1);
    expect(toldOf('i')).toEqual([['g_upd', 'fam']]);
  });

  it('answers nobody else before, but itself', () => {
    const { does, sent, asks } = make();
    does('a', { kind: 'g_mon1', family: 'fam' }, { kind: 'g_find', node: 'x' }, told({ fam: { k: 1 } }));
    expect(sent()).toEqual([]);
    expect(asks('rx', { kind: 'g_db_keys', family: 'fam', id: 1 })).toEqual([]);
    // a node makes it its master
    does('a', slave({ fam: { k: 1 } }));
    expect(asks('a', { kind: 'g_db_keys', family: 'fam', id: 1 })).toEqual(['k']);
    does('rx', { kind: 'g_db_keys', family: 'fam', id: 2 });
    expect(sent().at(-1)).toEqual(['rx', { kind: 'g_reply', id: 2, result: ['k'], more: false }]);
    expect(asks('a', { kind: 'g_db_values', family: 'fam', id: 1 })).toEqual([1]);
    expect(asks('a', { kind: 'g_db_family', family: 'fam', id: 1 })).toEqual(entries({ k: 1 }));
  });

  it('does nothing of what only a master says', () => {
    const { directory, does, sent } = make();
    directory.becomeGlobal([]);
    sent();
    does('a', { kind: 'g_found', node: 'x', addresses: [] }, { kind: 'g_reply', id: 1, result: 1, more: false });
    does('a', { kind: 'g_chg1', family: 'fam', content: entries({ k: 1 }), more: false }, { kind: 'g_chg2', family: 'fam', set: entries({ k: 1 }), del: [] });
    expect(sent()).toEqual([]);
  });
});

describe('which globals have been heard (S28)', () => {
  it('is told to those of rxmp, when all of the shard has come, and until the node is gone', () => {
    const { directory, does, sent } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({}));
    does('perl', GLOBAL);
    does('rx2', GLOBAL, told({}, true));
    const heard = (): unknown[] => sent().flatMap(([to, request]) =>
      request.kind === 'g_upd' && request.family === HEARD ? [[to, [...request.set.keys()], request.del]] : []);
    expect(heard()).toEqual([['rx1', ['rx1'], []]]);
    does('rx2', told({}));
    expect(heard()).toEqual([['rx1', ['rx2'], []], ['rx2', ['rx2'], []]]);
    does('perl', told({}));
    expect(heard()).toEqual([['rx1', ['perl'], []], ['rx2', ['perl'], []]]);
    directory.down('rx2');
    expect(heard()).toEqual([['rx1', [], ['rx2']]]);
  });

  it('is in what a new one of rxmp is told of all, and not for those of AnyEvent::MP', () => {
    const { directory, does, sent } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({}));
    sent();
    for (const [node, knows] of [['rx2', true], ['perl', false]] as const) {
      does(node, GLOBAL);
      const all = sent().flatMap(([to, request]) => (to === node && request.kind === 'g_set' ? [request.db] : []));
      expect(all.map((db) => [...db.keys()])).toEqual([knows ? [GLOBALS, HEARD] : [GLOBALS]]);
    }
  });
});

describe('where a node listens (S19)', () => {
  const URL = 'wss://h:2';
  const listening = (listeners: unknown, web: unknown) => {
    const made = make();
    made.directory.becomeGlobal([]);
    made.does('s', slave({ [LISTENERS]: { s: listeners }, [WEB_LISTENERS]: { s: web } }));
    return made;
  };

  it.each<[unknown, unknown, unknown, unknown]>([
    [['h:1'], [URL], ['h:1', URL], ['h:1']],
    [['h:1', URL, 5], [5, URL], ['h:1', URL, URL], ['h:1']],
    [['h:1'], null, ['h:1'], ['h:1']],
    [null, [URL], [URL], null],
    ['h:1', URL, null, null],
    [[], [], [], []],
  ])('%j and %j is told in a form that the asker understands', (listeners, web, forRxmp, forPerl) => {
    const { asks } = listening(listeners, web);
    const find: DatabaseRequest = { kind: 'g_find', node: 's' };
    expect([asks('rx1', find), asks('perl', find), asks('rx1', { kind: 'g_find', node: 'none' })]).toEqual([forRxmp, forPerl, null]);
  });

  it.each<[string, unknown, unknown]>([
    ['far', ['hub', 5], ['via:hub#far']],
    ['far', ['hub', 'rx', 'hub'], ['via:hub,rx#far']],
    ['far', 'hub', null],
    ['rx-near', undefined, ['via:rx#rx-near']],
    ['rx-near', ['hub', 'rx'], ['via:rx,hub#rx-near']],
  ])('V5: %s behind %j is told to nodes of rxmp, and only to them', (node, relays, addresses) => {
    const { directory, does, asks } = make();
    directory.becomeGlobal([]);
    if (relays !== undefined) does('s', slave({ [RELAYS]: { [node]: relays } }));
    const find: DatabaseRequest = { kind: 'g_find', node };
    expect([asks('rx1', find), asks('perl', find)]).toEqual([addresses, null]);
  });

  it('a global tells of itself: all find it, until it is gone', () => {
    const { directory, does, asks } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({ [LISTENERS]: { rx1: ['h:1'] }, [WEB_LISTENERS]: { rx1: [URL], far: ['wss://far'] } }), told({}));
    does('rx2', GLOBAL);
    expect(asks('rx3', { kind: 'g_find', node: 'rx1' })).toEqual(['h:1', URL]);
    // a third global hears it from this one, as if a slave had set it; not what is no business of the second
    does('rx4', GLOBAL);
    directory.down('rx1');
    expect(asks('rx3', { kind: 'g_find', node: 'rx1' })).toBeNull();
    expect(asks('rx3', { kind: 'g_db_keys', family: GLOBALS, id: 1 })).toEqual(['rx', 'rx2', 'rx4']);
  });

  it('a global that comes later is told where the others are', () => {
    const { directory, does, sent } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({ [LISTENERS]: { rx1: ['h:1'], slave: ['h:3'] }, [WEB_LISTENERS]: { rx1: [URL] } }));
    sent();
    does('rx2', GLOBAL);
    const [db = none] = sent().flatMap(([, request]) => (request.kind === 'g_set' ? [request.db] : []));
    expect(db).toEqual(shard({ [GLOBALS]: { rx: null, rx1: null, rx2: null }, [LISTENERS]: { rx1: ['h:1'] }, [WEB_LISTENERS]: { rx1: [URL] }, [HEARD]: { rx1: null } }));
  });
});

describe('a slave that has become global and is gone', () => {
  it('takes its time with it, once', () => {
    const { directory, does, ended } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({}));
    does('rx2', slave({ fam: { k: 1 } }), GLOBAL);
    does('rx2', GLOBAL);
    expect([directory.vouched(), ended()]).toEqual([['rx2'], 0]);
    directory.down('rx2');
    expect([directory.vouched(), ended()]).toEqual([[], 1]);
    directory.close();
    expect(ended()).toBe(1);
  });

  it('or says that it is a slave: it is not vouched for any more when others have heard', () => {
    const { directory, does } = make();
    directory.becomeGlobal([]);
    does('rx1', GLOBAL, told({}));
    does('rx2', slave({ fam: { k: 1 } }), GLOBAL, slave({ fam: { k: 2 } }));
    does('rx1', told({}));
    expect([directory.vouched(), directory.hasTold('rx1'), directory.hasTold('rx2')]).toEqual([[], true, false]);
  });
});
