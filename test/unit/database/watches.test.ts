import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWatches } from '../../../src/database/core/watches.js';
import type { DatabaseRequest, Entries } from '../../../src/wire/database.js';
import { countHoldings } from '../../fixtures/holdings.js';
import '../../fixtures/entries.js';

const entries = (object: object): Entries => new Map(Object.entries(object));

/** What a node watches; values that are texts are not admitted. */
function make() {
  const asked: DatabaseRequest[] = [];
  const changes: unknown[] = [];
  let tasks: (() => void)[] = [];
  const watches = createWatches({
    ask: (request) => asked.push(request),
    admit: (_, all) => (Array.from(all.values()).some((value) => typeof value === 'string') ? new Map([...all].filter(([, value]) => typeof value !== 'string')) : all),
    changed: (family, { add, chg, del }) => changes.push([family, { add, chg, del }]),
    regrouped: (task) => {
      tasks.push(task);
      return () => { tasks = tasks.filter((one) => one !== task); };
    },
  });
  const content = (object: object, more = false, family = 'fam'): void => { watches.content({ kind: 'g_chg1', family, content: entries(object), more }); };
  const shows = (family = 'fam'): object | undefined => {
    const store = watches.open(family);
    return store && Object.fromEntries(store.entries());
  };
  return {
    ...{ watches, content, shows },
    change: (set: object, del: readonly string[] = [], family = 'fam') => { watches.change({ kind: 'g_chg2', family, set: entries(set), del }); },
    asked: () => asked.splice(0).map((request) => [request.kind, 'family' in request && request.family]),
    /** What has changed since the last look. */
    changes: () => changes.splice(0),
    /** Time enough for the nodes to join another master. */
    regroup: () => {
      for (const task of tasks.splice(0)) task();
    },
    /** Another master has come, and the last one has gone. */
    another: (...families: readonly object[]) => {
      watches.leave();
      watches.join();
      for (const family of families) content(family);
    },
  };
}
const changed = (add: readonly string[], chg: readonly string[] = [], del: readonly string[] = []) => [['fam', { add, chg, del }]];

describe('a master that is left', () => {
  it('is told so, of every family, and the next one is asked for each', () => {
    const { watches, asked } = make();
    watches.join();
    expect(asked()).toEqual([]);
    for (const family of ['fam', 'other']) watches.open(family);
    expect(asked()).toEqual([['g_mon1', 'fam'], ['g_mon1', 'other']]);
    watches.leave();
    expect(asked()).toEqual([['g_mon0', 'fam'], ['g_mon0', 'other']]);
    watches.join();
    expect(asked()).toEqual([['g_mon1', 'fam'], ['g_mon1', 'other']]);
    watches.close('none', true);
    watches.close('fam', true);
    watches.leave();
    expect(asked()).toEqual([['g_mon0', 'fam'], ['g_mon0', 'other']]);
  });

  it('is not heard any more, and what it said half is forgotten', () => {
    const { watches, content, change, shows, changes } = make();
    watches.join();
    watches.open('fam');
    content({ a: 1 });
    content({ half: 1 }, true);
    watches.leave();
    change({ late: 1 });
    watches.join();
    change({ early: 1 });
    content({ a: 1, b: 2 });
    expect([shows(), changes()]).toEqual([{ a: 1, b: 2 }, [...changed(['a']), ...changed(['b'])]]);
  });

  it('owes nothing: answers that it had still to give do not come from the next', () => {
    const { watches, content, shows, another } = make();
    watches.join();
    watches.open('fam');
    watches.close('fam', true);
    another();
    watches.open('fam');
    content({ a: 1 });
    expect(shows()).toEqual({ a: 1 });
    // and this one has answered: it owes nothing either
    watches.close('fam', true);
    watches.open('fam');
    content({ a: 2 });
    expect(shows()).toEqual({ a: 2 });
  });
});

describe('an answer of the master', () => {
  it('in pieces shows when it is whole, and what changes meanwhile is in it', () => {
    const { watches, content, change, changes, shows } = make();
    watches.open('fam');
    content({ a: 1 }, true);
    change({ z: 1 });
    expect([shows(), changes()]).toEqual([undefined, []]);
    content({ b: 2 });
    expect([shows(), changes()]).toEqual([{ a: 1, b: 2 }, changed(['a', 'b'])]);
    content({ c: 3 }, true);
    change({ z: 1 });
    expect(changes()).toEqual([]);
    content({ a: 1 });
    expect([shows(), changes()]).toEqual([{ c: 3, a: 1 }, changed(['c'], [], ['b'])]);
    change({ a: 2 }, ['c']);
    expect(changes()).toEqual(changed([], ['a'], ['c']));
  });

  it('of a family that nobody watches is nothing', () => {
    const { watches, content, change, changes } = make();
    content({ a: 1 });
    change({ a: 1 });
    watches.close('fam', true);
    expect(changes()).toEqual([]);
    watches.open('fam');
    content({ b: 1 });
    expect(changes()).toEqual(changed(['b']));
  });

  it('hides what is not admitted', () => {
    const { watches, content, change, changes, shows } = make();
    watches.open('fam');
    content({ a: 1, b: 'no' });
    change({ c: 'no', a: 'no', d: 4 }, ['b']);
    expect([shows(), changes()]).toEqual([{ d: 4 }, [...changed(['a']), ...changed(['d'], [], ['a'])]]);
  });
});

describe('keys that another master has not known (S28)', () => {
  it.each([
    ['one', { a: 1 }],
    ['several', { a: 1, b: 1, c: 1 }],
  ])('%s: are kept until the nodes have regrouped; what the master tells of them stays', (_, known) => {
    const { watches, another, content, change, changes, regroup, shows } = make();
    watches.join();
    watches.open('fam');
    content(known);
    changes();
    another({});
    expect([shows(), changes()]).toEqual([known, []]);
    change({ a: 1 });
    expect(changes()).toEqual([]);
    regroup();
    expect([shows(), changes()]).toEqual([{ a: 1 }, 'b' in known ? changed([], [], ['b', 'c']) : []]);
    regroup();
    expect(changes()).toEqual([]);
  });

  it('go at once when the master says so, or says that they are not admitted', () => {
    const { watches, another, content, change, changes, regroup } = make();
    watches.join();
    watches.open('fam');
    content({ a: 1, b: 1 });
    changes();
    another({});
    change({ a: 'no' }, ['b']);
    expect(changes()).toEqual([['fam', { add: [], chg: [], del: expect.arrayContaining(['a', 'b']) }]]);
    regroup();
    expect(changes()).toEqual([]);
  });

  it('are not kept for the first master, nor for an answer when the nodes have regrouped', () => {
    const { watches, another, content, changes, regroup } = make();
    watches.join();
    watches.open('fam');
    content({ a: 1 });
    content({ b: 1 });
    expect(changes()).toEqual([...changed(['a']), ...changed(['b'], [], ['a'])]);
    another();
    regroup();
    content({ c: 1 });
    expect(changes()).toEqual(changed(['c'], [], ['b']));
  });

  it('are kept again, when yet another master comes: it has all of the time', () => {
    const { watches, another, content, changes, regroup, shows } = make();
    watches.join();
    watches.open('fam');
    content({ a: 1, b: 1 });
    changes();
    another({ a: 1 });
    another({ b: 1 });
    expect([shows(), changes()]).toEqual([{ a: 1, b: 1 }, []]);
    regroup();
    expect([shows(), changes()]).toEqual([{ b: 1 }, changed([], [], ['a'])]);
  });

  it('are ports of a node that has begun another run: those go, once, whatever is set since', () => {
    const { watches, another, content, change, changes, regroup, shows } = make();
    watches.join();
    watches.open('fam');
    watches.open('other');
    content({ 'n#a': 1, 'n#b': 1, 'm#c': 1, n: 1 });
    content({ x: 1 }, false, 'other');
    changes();
    another();
    watches.restarted('m');
    content({ 'n#b': 1 });
    content({ x: 1 }, false, 'other');
    expect(changes()).toEqual(changed([], [], ['m#c']));
    watches.restarted('n');
    expect([shows(), changes()]).toEqual([{ 'n#b': 1, n: 1 }, changed([], [], ['n#a'])]);
    watches.restarted('n');
    change({ 'n#a': 2 });
    expect(changes()).toEqual(changed(['n#a']));
    watches.restarted('n');
    regroup();
    expect([shows(), changes()]).toEqual([{ 'n#a': 2, 'n#b': 1 }, changed([], [], ['n'])]);
    watches.restarted('n');
    expect(changes(), 'what the master knows is its business').toEqual([]);
  });
});

describe('what is held', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  // in functions of their own, which have nothing left in hand when it is counted
  it('is nothing in the end', async () => {
    const { watches, another, content } = make();
    const before = await holdings.count();
    const closeEarly = (): void => {
      watches.join();
      for (let i = 0; i < 3; i++) {
        watches.open('fam');
        watches.close('fam', true);
      }
      for (let i = 0; i < 3; i++) content({});
    };
    closeEarly();
    expect(await holdings.count(), 'all that was overdue has come').toEqual(before);
    const useAll = (): void => {
      watches.open('fam');
      content({ a: 1, 'n#b': 1 });
      another();
      watches.restarted('n');
      watches.close('fam', true);
      watches.leave();
    };
    useAll();
    expect(await holdings.count()).toEqual(before);
  });

  it('is the family, and no more, when the nodes have regrouped', async () => {
    const { watches, another, content, regroup } = make();
    const begin = (): void => {
      watches.join();
      watches.open('fam');
      content({ c: 1 });
    };
    begin();
    const before = await holdings.count();
    const lose = (): void => {
      content({ 'n#a': 1, b: 1, c: 1 });
      another();
      watches.restarted('n');
      content({ c: 1 });
      regroup();
    };
    lose();
    expect(await holdings.count()).toEqual(before);
  });
});
