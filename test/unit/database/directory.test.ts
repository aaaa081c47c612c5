import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../../src/database/core/directory.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import type { DatabaseRequest, Entries, Scope, Shard } from '../../../src/wire/database.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import '../../fixtures/entries.js';

type Sent = readonly [readonly string[], DatabaseRequest];
const entries = (object: object): Entries => new Map(Object.entries(object));
const shard = (object: Record<string, object>): Shard => new Map(Object.entries(object).map(([family, inner]) => [family, entries(inner)]));
const slave = (object: Record<string, object>): DatabaseRequest => ({ kind: 'g_slave', db: shard(object) });
const told = (object: Record<string, object>): DatabaseRequest => ({ kind: 'g_set', db: shard(object), more: false });
const update = (set: object, del: readonly string[] = [], scope: Scope = 'own'): DatabaseRequest => ({ kind: 'g_upd', family: 'fam', set: entries(set), del, scope });
const GLOBAL: DatabaseRequest = { kind: 'g_global' };

/** The directory of a global node `g`. */
function make(limits: Partial<Limits> = {}, isGlobal = true) {
  let sent: Sent[] = [];
  let wanted = 0;
  const directory = createDirectory({
    self: 'g',
    limits: { ...defaultLimits, ...limits },
    send: (nodes, request) => void sent.push([nodes, request]),
    isRxmp: (node) => node.startsWith('rx'),
    relaysTo: () => false,
    wanted: () => { wanted++; },
    handedOver: () => () => undefined,
  }, createMerge('g'));
  if (isGlobal) directory.becomeGlobal([]);
  const all = (): readonly Sent[] => {
    directory.flush();
    const made = sent;
    sent = [];
    return made;
  };
  return {
    directory,
    wanted: () => wanted,
    /** What was sent since the last look, but for the network's own families. */
    sent: (): readonly Sent[] => all().filter(([, request]) => !('family' in request && request.family.startsWith("'"))),
    does(from: string, ...requests: readonly DatabaseRequest[]): void {
      for (const request of requests) directory.request(from, request);
    },
    family(name = 'fam'): object {
      all();
      directory.request('probe', { kind: 'g_db_family', family: name, id: 1 });
      const [, reply] = sent.pop() ?? [];
      return Object.fromEntries(reply?.kind === 'g_reply' ? (reply.result as Entries) : []);
    },
  };
}

describe('directory', () => {
  it('tells a monitoring slave the whole family, then one change per turn (D8)', () => {
    const { does, sent } = make();
    does('s', slave({ fam: { a: 1 } }), { kind: 'g_mon1', family: 'fam' });
    expect(sent()).toEqual([[['s'], { kind: 'g_chg1', family: 'fam', content: entries({ a: 1 }), more: false }]]);
    does('t', slave({ fam: { b: 1 } }), update({ b: 2 }), update({ c: 3 }), update({}, ['c']));
    expect(sent()).toEqual([[['s'], { kind: 'g_chg2', family: 'fam', set: entries({ b: 2 }), del: [] }]]);
    does('t', update({ b: 2 }));
    expect(sent(), 'nothing has changed (D6)').toEqual([]);
    does('s', { kind: 'g_mon0', family: 'fam' });
    does('t', update({ b: 3 }));
    expect(sent()).toEqual([]);
  });

  it('tells another global of its own slaves, and never of what it has heard from a global (D3)', () => {
    const { does, sent, directory } = make();
    does('s', slave({ fam: { a: 1 } }));
    sent();
    does('h', GLOBAL);
    expect(sent()).toEqual([[['h'], { kind: 'g_set', db: new Map([["'g", entries({ g: null, h: null })], ['fam', entries({ a: 1 })]]), more: false }]]);
    does('h', told({ fam: { a: 9, b: 2 } }), update({ c: 3 }, ['b'], 'merged'));
    expect(sent()).toEqual([]);
    does('s', update({ d: 4 }, ['a']));
    expect(sent()).toEqual([[['h'], update({ d: 4 }, ['a'], 'merged')]]);
    does('i', GLOBAL);
    expect(sent().at(-1)).toEqual([['i'], { kind: 'g_set', db: new Map([["'g", entries({ g: null, h: null, i: null })], ['fam', entries({ d: 4 })]]), more: false }]);
    directory.down('h');
    expect(sent()).toEqual([]);
  });

  it('keeps nothing of what a node of rxmp told as a slave when that has told all as a global', () => {
    const { does, family } = make();
    does('rx', slave({ fam: { deleted: 1, kept: 1 } }), GLOBAL, told({ fam: { kept: 1 } }));
    expect(family('fam')).toEqual({ kept: 1 });
    does('rx', update({}, ['kept'], 'merged'));
    expect(family('fam')).toEqual({});
  });

  it('mirrors where another global listens, so that all find it', () => {
    const { does, sent, family, directory } = make();
    does('h', GLOBAL, told({ "'l": { h: ['h:1'], s: ['s:1'] } }));
    expect([family("'l"), family("'g")]).toEqual([{ h: ['h:1'], s: ['s:1'] }, { g: null, h: null }]);
    does('i', GLOBAL);
    sent();
    does('i', { kind: 'g_find', node: 'h' });
    expect(sent()).toEqual([[['i'], { kind: 'g_found', node: 'h', addresses: ['h:1'] }]]);
    directory.down('h');
    expect([family("'l"), family("'g")]).toEqual([{}, { g: null, i: null }]);
  });

  it('forgets exactly the keys of a node that went; what they hid shows again (D4, D5, S25)', () => {
    const { does, sent, family, directory } = make();
    does('s', slave({ fam: { a: 's', b: 's' } }), { kind: 'g_mon1', family: 'fam' });
    does('t', slave({ fam: { b: 't', c: 't' } }));
    sent();
    directory.down('t');
    expect(sent()).toEqual([[['s'], { kind: 'g_chg2', family: 'fam', set: entries({ b: 's' }), del: ['c'] }]]);
    expect(family()).toEqual({ a: 's', b: 's' });
    directory.down('s');
    expect(family()).toEqual({});
    does('t', slave({ fam: { x: 1 } }));
    expect(sent(), 'a node that went monitors nothing').toEqual([]);
  });

  it('a key of several nodes shows one of the values; deleting it shows another (S24)', () => {
    const { does, family } = make();
    does('s', slave({ fam: { k: 's' } }));
    does('t', slave({ fam: { k: 't' } }));
    does('h', GLOBAL, told({ fam: { k: 'h' } }));
    const values = ['h', 's', 't'];
    for (const rest of [2, 1, 0]) {
      const { k } = family() as { k: string };
      expect(values).toContain(k);
      values.splice(values.indexOf(k), 1);
      does(k, update({}, ['k'], k === 'h' ? 'merged' : 'own'));
      expect(values).toHaveLength(rest);
    }
    expect(family()).toEqual({});
  });

  it.each([
    ['g_slave first', [slave({ fam: { a: 1, b: 2 } }), GLOBAL]],
    ['g_global first', [GLOBAL, slave({ fam: { a: 1, b: 2 } })]],
  ])('a global that makes this one its master: no echo, no lost key: %s (wire.md §6)', (_, requests) => {
    const { does, sent, family } = make();
    does('i', GLOBAL);
    does('p', ...requests);
    // what it sets from now on goes to its master only; of what it has told as a global, the others hear from itself
    does('p', update({ c: 3 }), told({ fam: { a: 1, d: 4 } }));
    const heard = new Map<string, unknown>();
    for (const [nodes, request] of sent()) {
      if (!nodes.includes('i') || request.kind !== 'g_upd') continue;
      for (const [key, value] of request.set) heard.set(key, value);
      for (const key of request.del) heard.delete(key);
    }
    expect(Object.fromEntries(heard)).toEqual({ b: 2, c: 3 });
    expect(family()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    does('p', update({}, ['c']), update({}, ['d'], 'merged'));
    expect(family()).toEqual({ a: 1, b: 2 });
  });

  it('a key that a global has set itself stays when the last of its slaves deletes it (wire.md §6)', () => {
    const { does, family } = make();
    does('p', GLOBAL, slave({}), told({ fam: { k: 'of its slave' } }), update({ k: 'of itself' }));
    does('p', update({}, ['k'], 'merged'));
    expect(family()).toEqual({ k: 'of itself' });
    does('p', update({}, ['k']));
    expect(family()).toEqual({});
  });

  it('what a slave had set is told by itself, once it is global: nothing comes back when it deletes it', () => {
    const { does, sent, family } = make();
    does('i', GLOBAL);
    does('s', slave({ fam: { a: 1, b: 2 } }));
    does('s', GLOBAL, told({ fam: { a: 1, b: 2 } }));
    expect(family()).toEqual({ a: 1, b: 2 });
    sent();
    does('s', update({ c: 3 }, ['a'], 'merged'));
    expect(family()).toEqual({ b: 2, c: 3 });
    expect(sent()).toEqual([]);
  });

  it('as a slave it is asked to become global; as none it hears nothing else', () => {
    const { does, wanted, family } = make({}, false);
    does('s', update({ a: 1 }), told({ fam: { a: 1 } }));
    expect([wanted(), family()]).toEqual([0, {}]);
    does('s', { kind: 'g_slave', db: undefined });
    expect(wanted()).toBe(1);
  });

  it.each<[string, Partial<Limits>, DatabaseRequest]>([
    ['families', { shardFamilies: 2 }, slave({ one: { a: 1 }, two: { a: 1 }, three: { a: 1 } })],
    ['keys', { shardKeys: 2 }, slave({ one: { a: 1, b: 2 }, two: { a: 1 } })],
    ['octets', { shardOctets: 100 }, slave({ one: { a: 'x'.repeat(101) } })],
    ['keys of an update', { shardKeys: 2 }, update({ b: 1, c: 2 })],
  ])('refuses too many %s, and is what it was (D9)', (_, limits, request) => {
    const { does, sent, family } = make(limits);
    does('s', slave({ fam: { a: 1 } }));
    does('t', { kind: 'g_mon1', family: 'fam' });
    sent();
    expect(() => { does('s', request); }).toThrow(ProtocolError);
    expect(family()).toEqual({ a: 1 });
    expect(sent()).toEqual([]);
  });

  it('takes an update that leaves no more keys than there may be (D9)', () => {
    const { does, family } = make({ shardKeys: 2 });
    does('s', slave({ fam: { a: 1, b: 2 } }));
    does('s', update({ c: 3 }, ['a']));
    expect(family()).toEqual({ b: 2, c: 3 });
  });

  it('refuses too many monitors of one peer (D9)', () => {
    const { does } = make({ peerFamilies: 2 });
    does('s', { kind: 'g_mon1', family: 'a' }, { kind: 'g_mon1', family: 'b' }, { kind: 'g_mon1', family: 'b' });
    expect(() => { does('s', { kind: 'g_mon1', family: 'c' }); }).toThrow(ProtocolError);
    does('s', { kind: 'g_mon0', family: 'a' }, { kind: 'g_mon1', family: 'c' });
  });
});
