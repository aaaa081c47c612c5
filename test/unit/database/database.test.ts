import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { NodeClosed } from '../../../src/kernel/errors.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import { createNoted, slaveOf, type Noted } from './noted-database.js';

const isNothing = (entries: unknown): boolean => Array.isArray(entries) ? entries.length === 0 : Object.keys(entries as object).length === 0;

describe('a node and its master', () => {
  it('it tells where it listens, and of what has changed, once a turn (D8)', () => {
    const { database, node, up, sent } = createNoted({ seeds: ['m'] });
    database.start(['h:1', 'ws://h', 'h:2'], false);
    node.dbSet('fam', 'a', 1);
    expect(sent()).toEqual([]);
    up('m');
    expect(sent()).toEqual([['m', 'g_slave'], ['m', 'g_slave', { "'l": { rx: ['h:1', 'h:2'] }, "'w": { rx: ['ws://h'] }, fam: { a: 1 } }]]);
    for (let turn = 0; turn < 2; turn++) {
      node.dbSet('fam', 'b', turn);
      node.dbSet('fam', 'c', turn);
      expect(sent()).toEqual([['m', 'g_upd', 'fam', { b: turn, c: turn }]]);
    }
    node.dbSet('fam', 'b', 1);
    expect(sent()).toEqual([]);
  });

  it.each([[[]], [['h:1']], [['ws://h']]])('it listens at %j', (addresses) => {
    const { database, up, sent } = createNoted({ seeds: ['m'] });
    database.start(addresses, false);
    up('m');
    expect(sent()[1]).toEqual(['m', 'g_slave', addresses.length === 0 ? {} : { [addresses[0]!.startsWith('h') ? "'l" : "'w"]: { rx: addresses } }]);
  });

  it('it listens only when its master is there already', () => {
    const { database, up, sent } = createNoted({ seeds: ['m'] });
    up('m');
    sent();
    database.start(['h:1'], false);
    expect(sent()).toEqual([['m', 'g_upd', "'l", { rx: ['h:1'] }]]);
  });

  it('seeds are asked to be global when they come, and when they turn out to be such', () => {
    const { database, up, sent } = createNoted({ seeds: ['m', 'n'] });
    database.start([], false);
    up('other');
    expect(sent()).toEqual([]);
    for (const seed of ['m', 'n']) database.seedReached(seed);
    expect(sent()).toEqual([]);
    up('m');
    expect(sent()).toEqual([['m', 'g_slave'], ['m', 'g_slave', {}]]);
    database.seedReached('m');
    up('n');
    expect(sent()).toEqual([['m', 'g_slave'], ['n', 'g_slave']]);
  });

  it('without seeds it is its own', () => {
    const { database, node, sent, clock } = createNoted();
    const seen: unknown[] = [];
    database.start([], false);
    node.dbMon('fam').subscribe(({ family }) => seen.push(Object.fromEntries(family)));
    node.dbSet('fam', 'a', 1);
    clock.run();
    node.dbSet('fam', 'b', 1);
    node.dbDel('fam', 'a');
    clock.run();
    expect([seen, sent()]).toEqual([[{}, { a: 1 }, { b: 1 }], []]);
  });

  it('a lost one that comes back as another run has other ports: they go with its answer (S6, S28)', () => {
    for (const run of ['run 1', 'run 2']) {
      const { node, up, down, says, clock } = slaveOf('rxm');
      const seen: unknown[] = [];
      node.dbMon('fam').subscribe(({ family, current }) => seen.push([[...family.keys()], current]));
      says('rxm', 'g_chg1', 'fam', { 'rxm#p': 1 });
      down('rxm');
      up('rxm', run);
      says('rxm', 'g_chg1', 'fam', {});
      expect(seen).toEqual([[['rxm#p'], true], [['rxm#p'], false], [run === 'run 2' ? [] : ['rxm#p'], true]]);
      clock.runFor(defaultLimits.regroupTime);
      expect(seen.slice(3)).toEqual(run === 'run 2' ? [] : [[[], true]]);
    }
  });
});

describe('where a node listens (S19)', () => {
  it('its own master knows of all addresses', () => {
    const { database, clock } = createNoted();
    const found: unknown[] = [];
    database.start(['h:1', 'ws://h'], false);
    for (const node of ['rx', 'none']) database.find(node, (addresses) => found.push(addresses));
    clock.run();
    expect(found).toEqual([['h:1', 'ws://h'], null]);
  });

  it.each([['rxm', []], ['perl', [['perl', 'g_db_family', "'w", '1']]]])('a master of AnyEvent::MP is asked for the others, too: %s', (master, asked) => {
    const { database, says, sent } = slaveOf(master);
    const found: unknown[] = [];
    database.find('x', (addresses) => found.push(addresses));
    expect(sent()).toEqual([[master, 'g_find', 'x']]);
    says(master, 'g_found', 'x', null);
    expect(sent()).toEqual(asked);
    if (asked.length > 0) {
      says(master, 'g_reply', '1', { x: ['ws://x'] });
      expect(sent()).toEqual([[master, 'g_db_family', "'r", '2']]);
      says(master, 'g_reply', '2', { x: ['hub'], y: ['other'] });
    }
    expect(found).toEqual([asked.length > 0 ? ['ws://x', 'via:hub#x'] : null]);
  });

  it('is of no interest any more', () => {
    const { database, says, sent } = slaveOf('rxm');
    const found: unknown[] = [];
    database.find('x', (addresses) => found.push(addresses))();
    says('rxm', 'g_found', 'x', null);
    expect([found, sent()]).toEqual([[], [['rxm', 'g_find', 'x']]]);
  });
});

describe('V5: through which nodes this one can be reached', () => {
  it('is told by a node that is not global, as long as there are any', async () => {
    const { database, node, clock } = createNoted();
    const seen: unknown[] = [];
    node.dbMon("'r").subscribe(({ family }) => seen.push(Object.fromEntries(family)));
    database.start([], false);
    database.setRelays(['hub']);
    clock.run();
    database.setRelays([]);
    clock.run();
    database.setRelays(['hub', 'other']);
    clock.run();
    database.becomeGlobal('a test says so');
    clock.run();
    await Promise.resolve();
    expect(seen).toEqual([{}, { rx: ['hub'] }, {}, { rx: ['hub', 'other'] }, {}]);
  });
});

describe('requests of other nodes', () => {
  it('are those of the database, and nothing else', () => {
    const { database, says } = createNoted();
    expect(['g_slave', 'g_reply', 'x'].map((tag) => database.requests.knows(tag))).toEqual([true, true, false]);
    expect([says('a', 'x'), says('a', 'g_mon1', 'fam'), database.functions !== undefined]).toEqual([false, true, true]);
    expect(() => says('a', 'g_mon1', 5)).toThrow(ProtocolError);
  });

  it('make it global, once, and it keeps connected with other globals (S22)', () => {
    const { database, up, says, sent, noted, down } = createNoted({ seeds: ['none'] });
    database.start([], false);
    up('a');
    says('a', 'g_slave');
    expect([sent(), noted()]).toEqual([[['a', 'g_global']], ['this is a global node now: a node made it its master']]);
    says('a', 'g_slave', { fam: { k: 1 } });
    database.becomeGlobal('again');
    up('b');
    says('b', 'g_global');
    expect(sent()).toEqual([['b', 'g_global'], ['b', 'g_upd', "'g", { b: null }, []], ['b', 'g_set', { "'g": { rx: null, b: null }, fam: { k: 1 } }]]);
    expect(noted()).toEqual(['keep b']);
    says('a', 'g_upd', 'fam', { k: 2 });
    expect(sent()).toEqual([['b', 'g_upd', 'fam', { k: 2 }, []]]);
    down('b');
    sent();
    expect(noted()).toEqual(['drop b']);
  });

  it('find what it was started as', () => {
    const { database, sent, noted, up } = createNoted();
    up('a');
    database.start(['h:1'], true);
    expect([sent(), noted()]).toEqual([[['a', 'g_global']], ['this is a global node now: it was started as one']]);
  });

  it.each([['is told', []], ['is too much', ['blamed a: a monitors more than 1 families (limits.peerFamilies)']]])('wait while its old master has not told what it knows: what %s (S28)', (_, blamed) => {
    const { database, says, sent, noted, up, down } = slaveOf('rxm', { limits: { peerFamilies: 1 } });
    for (const node of ['a', 'b']) up(node);
    database.becomeGlobal('a test');
    sent();
    noted();
    says('a', 'g_mon1', 'one');
    if (blamed.length > 0) says('a', 'g_mon1', 'two');
    says('b', 'g_mon1', 'one');
    down('b');
    expect(sent()).toEqual([]);
    says('rxm', 'g_global');
    says('rxm', 'g_set', { one: { k: 1 } });
    expect(sent().filter((message) => (message as unknown[])[0] !== 'rxm')).toEqual([['a', 'g_chg1', 'one', { k: 1 }]]);
    expect(noted().filter((text) => String(text).startsWith('blamed'))).toEqual(blamed);
  });

  it('wait for those who still are there: who comes again asks again', () => {
    const { database, says, sent, up, down } = slaveOf('rxm', { limits: { peerQuestions: 1 } });
    up('b');
    database.becomeGlobal('a test');
    says('b', 'g_find', 'before');
    expect(() => says('b', 'g_find', 'more')).toThrow(ProtocolError);
    down('b');
    up('b');
    says('b', 'g_find', 'since');
    sent();
    says('rxm', 'g_global');
    says('rxm', 'g_set', {});
    expect(sent().filter((message) => (message as unknown[])[1] === 'g_found')).toEqual([['b', 'g_found', 'since', null]]);
  });

  it('and its own: what it watches does not vanish meanwhile, and its old master hears what it has set before (S28)', () => {
    const { database, node, says, sent, clock } = slaveOf('rxm');
    const seen: unknown[] = [];
    node.dbMon('fam').subscribe(({ family }) => seen.push(Object.fromEntries(family)));
    says('rxm', 'g_chg1', 'fam', ['a', 1]);
    sent();
    node.dbSet('fam', 'b', 1);
    database.becomeGlobal('a test');
    expect(sent().slice(0, 2)).toEqual([['rxm', 'g_upd', 'fam', ['b', 1]], ['rxm', 'g_global']]);
    says('rxm', 'g_chg2', 'fam', ['a', 2, 'b', 1]);
    expect(seen).toEqual([{ a: 1 }, { a: 2, b: 1 }]);
    says('rxm', 'g_global');
    says('rxm', 'g_set', { fam: { a: 2 } });
    clock.runFor(0);
    expect(sent().filter((message) => (message as unknown[])[1] === 'g_mon0')).toEqual([['rxm', 'g_mon0', 'fam'], ['rxm', 'g_mon0', "'g"]]);
    node.dbSet('fam', 'c', 1);
    clock.runFor(defaultLimits.regroupTime);
    expect(seen).toEqual([{ a: 1 }, { a: 2, b: 1 }, { a: 2, b: 1, c: 1 }]);
  });

  it('a slave that becomes global is spoken for, handoverTime at most (S28)', () => {
    const { database, says, sent, up, clock } = createNoted();
    database.start([], true);
    for (const node of ['rx1', 'rx2']) up(node);
    says('rx1', 'g_global');
    says('rx1', 'g_set', {});
    says('rx2', 'g_slave', { fam: { k: 1 } });
    says('rx2', 'g_global');
    sent();
    clock.runFor(defaultLimits.handoverTime - 1);
    expect(sent()).toEqual([]);
    clock.runFor(1);
    expect(sent()).toEqual(['rx1', 'rx2'].map((node) => [node, 'g_upd', 'fam', expect.toSatisfy(isNothing), ['k']]));
  });
});

describe('a node that closes', () => {
  it.each<[string, (does: Noted) => void]>([
    ['is its own master', ({ database }) => { database.start([], true); }],
    ['waits for its old master', ({ database, up }) => {
      database.start([], false);
      up('rxm');
      database.becomeGlobal('a test');
    }],
    ['has another master', ({ database, up, down }) => {
      database.start([], false);
      up('rxm');
      down('rxm');
      up('rxm');
    }],
    ['speaks for another', ({ database, says, up }) => {
      database.start([], true);
      up('rx2');
      says('rx2', 'g_slave', { fam: { k: 1 } });
      says('rx2', 'g_global');
    }],
  ])('leaves no timer, and says and hears nothing any more: %s', (_, before) => {
    const made = createNoted({ seeds: ['rxm'] });
    const { node, database, clock, sent, noted, says, up, down, close } = made;
    let completed = 0;
    node.dbMon('fam').subscribe({ complete: () => { completed++; } });
    before(made);
    node.dbSet('fam', 'b');
    sent();
    noted();
    close();
    expect([clock.pending, completed, sent()]).toEqual([0, 1, []]);
    const guard = node.dbSet('fam', 'c');
    node.dbDel('fam', 'b');
    database.becomeGlobal('late');
    up('late');
    says('late', 'g_slave', {});
    expect(says('late', 'g_find', 'x')).toBe(true);
    down('late');
    node.dbMon('fam').subscribe({ complete: () => { completed++; } });
    expect([guard.closed, node.dbReg('fam', 'rx#1').closed, made.monitored.size]).toEqual([true, true, 0]);
    expect([completed, sent(), noted(), clock.pending]).toEqual([2, [], [], 0]);
  });

  it('ends queries that wait, with an error', () => {
    const { node, close } = slaveOf('rxm');
    const errors: unknown[] = [];
    node.dbKeys('fam').subscribe({ error: (error: unknown) => errors.push(error) });
    close();
    expect(errors).toEqual([expect.any(NodeClosed)]);
  });
});
