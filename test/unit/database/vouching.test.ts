import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../../src/database/core/directory.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { HEARD } from '../../../src/database/core/names.js';
import { createFinder } from '../../../src/database/find.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { DatabaseRequest, Entries, Scope, Shard } from '../../../src/wire/database.js';
import '../../fixtures/entries.js';

const entries = (object: object): Entries => new Map(Object.entries(object));
const shard = (object: Record<string, object>): Shard => new Map(Object.entries(object).map(([family, inner]) => [family, entries(inner)]));
const slave = (object: Record<string, object>): DatabaseRequest => ({ kind: 'g_slave', db: shard(object) });
const told = (object: Record<string, object>, more = false): DatabaseRequest => ({ kind: 'g_set', db: shard(object), more });
const update = (set: object, del: readonly string[] = [], scope: Scope = 'own', family = 'fam'): DatabaseRequest => ({ kind: 'g_upd', family, set: entries(set), del, scope });
const GLOBAL: DatabaseRequest = { kind: 'g_global' };

/** The directory of a global node of rxmp that knows another one, `rx-far`. Names of such begin with rx. */
function make() {
  const sent: (readonly [readonly string[], DatabaseRequest])[] = [];
  const timers = new Set<() => void>();
  const directory = createDirectory({
    self: 'rx-self',
    limits: defaultLimits,
    send: (nodes, request) => sent.push([nodes, request]),
    isRxmp: (node) => node.startsWith('rx'),
    relaysTo: () => false,
    wanted: () => undefined,
    handedOver: (task) => {
      timers.add(task);
      return () => timers.delete(task);
    },
  }, createMerge('rx-self'));
  directory.becomeGlobal([]);
  const does = (from: string, ...requests: readonly DatabaseRequest[]): void => {
    for (const request of requests) directory.request(from, request);
    directory.flush();
  };
  does('rx-far', GLOBAL, told({}));
  sent.length = 0;
  return {
    directory,
    timers,
    does,
    family(): object {
      directory.request('probe', { kind: 'g_db_family', family: 'fam', id: 1 });
      const [, reply] = sent.pop() ?? [];
      return Object.fromEntries(reply?.kind === 'g_reply' ? (reply.result as Entries) : []);
    },
    /** What the other global was told of the family since the last look. */
    farHears: () => sent.splice(0).flatMap(([nodes, request]) =>
      nodes.includes('rx-far') && request.kind === 'g_upd' && request.family === 'fam' ? [[Object.fromEntries(request.set), [...request.del].sort()]] : []),
  };
}

/** The same, where a slave has become global. */
function handedOver() {
  const made = make();
  made.does('rx-s', slave({ fam: { a: 1, b: 2 } }));
  expect(made.farHears()).toEqual([[{ a: 1, b: 2 }, []]]);
  made.does('rx-s', GLOBAL);
  expect(made.directory.vouched()).toEqual(['rx-s']);
  return made;
}
const heard = (node: string): DatabaseRequest => update({ [node]: null }, [], 'merged', HEARD);

describe('S28: the last master of a node that has become global', () => {
  it('goes on telling what it had, until that node tells it itself and all others have heard', () => {
    const { directory, does, farHears, family, timers } = handedOver();
    expect([farHears(), family()]).toEqual([[], { a: 1, b: 2 }]);
    // the other one hears first
    does('rx-far', heard('rx-s'));
    expect(directory.vouched()).toEqual(['rx-s']);
    does('rx-s', told({ fam: { a: 1 } }, true));
    expect([directory.vouched(), family()]).toEqual([['rx-s'], { a: 1, b: 2 }]);
    does('rx-s', told({ fam: { b: 2 } }));
    expect([directory.vouched(), family(), timers.size]).toEqual([[], { a: 1, b: 2 }, 0]);
    // from now on it is the node's own business
    expect(farHears()).toEqual([[{}, ['a', 'b']]]);
    does('rx-s', update({ a: 5 }, ['b'], 'merged'));
    expect([farHears(), family()]).toEqual([[], { a: 5 }]);
  });

  it('tells what has changed at that node meanwhile, of the keys that it had', () => {
    const { directory, does, farHears, family } = handedOver();
    does('rx-s', told({ fam: { a: 9, c: 3 } }));
    expect([directory.vouched(), farHears(), family()]).toEqual([['rx-s'], [[{ a: 9 }, ['b']]], { a: 9, c: 3 }]);
    does('rx-s', update({ a: 10, d: 4 }, ['c'], 'merged'));
    expect([farHears(), family()]).toEqual([[[{ a: 10 }, []]], { a: 10, d: 4 }]);
    does('rx-s', update({}, ['a'], 'merged'));
    expect([farHears(), family()]).toEqual([[[{}, ['a']]], { d: 4 }]);
    does('rx-far', heard('rx-s'));
    expect([directory.vouched(), farHears(), family()]).toEqual([[], [], { d: 4 }]);
  });

  it('waits for each of the others', () => {
    const { directory, does } = handedOver();
    does('rx-more', GLOBAL, told({}));
    does('rx-s', told({ fam: { a: 1, b: 2 } }));
    does('rx-far', heard('rx-s'));
    expect(directory.vouched()).toEqual(['rx-s']);
    does('rx-more', heard('rx-s'));
    expect(directory.vouched()).toEqual([]);
  });

  it('waits for nobody who is gone', () => {
    const { directory, does, timers } = handedOver();
    does('rx-s', told({ fam: { a: 1, b: 2 } }));
    expect(directory.vouched()).toEqual(['rx-s']);
    directory.down('rx-far');
    expect([directory.vouched(), timers.size]).toEqual([[], 0]);
  });

  it('waits no longer than limits.handoverTime', () => {
    const { directory, does, family, farHears, timers } = handedOver();
    for (const task of [...timers]) task();
    directory.flush();
    expect([directory.vouched(), timers.size, farHears()]).toEqual([[], 0, [[{}, ['a', 'b']]]]);
    // until the node tells it itself, it shows here
    expect(family()).toEqual({ a: 1, b: 2 });
    does('rx-s', told({ fam: { a: 1 } }));
    expect([family(), farHears()]).toEqual([{ a: 1 }, []]);
  });

  it('forgets it when the node is gone, with its time', () => {
    const { directory, family, farHears, timers } = handedOver();
    directory.down('rx-s');
    directory.flush();
    expect([directory.vouched(), timers.size, family(), farHears()]).toEqual([[], 0, {}, [[{}, ['a', 'b']]]]);
  });

  it('does not speak for it where a node of AnyEvent::MP is global', () => {
    const { directory, does, farHears } = make();
    does('rx-s', slave({ fam: { a: 1 } }));
    does('perl', GLOBAL, told({}));
    farHears();
    does('rx-s', GLOBAL);
    expect([directory.vouched(), farHears()]).toEqual([[], [[{}, ['a']]]]);
  });

  it('nor any longer, when such a one comes', () => {
    const { directory, does, farHears } = handedOver();
    farHears();
    does('perl', GLOBAL);
    expect([directory.vouched(), farHears()]).toEqual([[], [[{}, ['a', 'b']]]]);
  });

  it('has no timer when it closes', () => {
    const { directory, timers } = handedOver();
    expect(timers.size).toBe(1);
    directory.close();
    expect(timers.size).toBe(0);
  });
});

describe('where a node listens (S19)', () => {
  /** A finder that asks a master, `m` of Perl or `rx` of rxmp. */
  const find = (source: string | undefined, first: readonly string[] | null, web: object, regroupings = 0, relays = {}) => {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const found: unknown[] = [];
    let left = regroupings;
    const finder = createFinder({
      clock,
      regroupTime: 400,
      isRxmp: (node) => node.startsWith('rx'),
      replica: {
        source,
        get isRegrouping() { return left-- > 0; },
        find(node, answered) {
          asked.push(`${clock.now()} find ${node}`);
          clock.after(1, () => { answered(first); });
          return () => asked.push('taken back');
        },
        query(kind, family, answered) {
          asked.push(`${clock.now()} ${kind} ${family}`);
          clock.after(1, () => { answered(entries(family === "'w" ? web : relays)); });
          return () => asked.push('query taken back');
        },
      },
    });
    const cancel = finder('x', (addresses) => found.push(addresses));
    return { clock, asked, found, cancel };
  };

  it.each([
    ['rx', ['h:1'], {}, ['h:1'], ['0 find x']],
    ['rx', null, { x: ['ws://h'] }, null, ['0 find x']],
    ['m', ['h:1'], { x: ['ws://h'] }, ['h:1'], ['0 find x']],
    ['m', null, { x: ['ws://h', 5], y: ['ws://y'] }, ['ws://h'], ['0 find x', "1 g_db_family 'w", "2 g_db_family 'r"]],
    ['m', [], { x: ['ws://h'] }, ['ws://h'], ['0 find x', "1 g_db_family 'w", "2 g_db_family 'r"]],
    ['m', null, { x: 'ws://h' }, null, ['0 find x', "1 g_db_family 'w", "2 g_db_family 'r"]],
    [undefined, null, { x: ['ws://h'] }, null, ['0 find x']],
  ])('as the master %s knows: %j and %j', (source, first, web, result, questions) => {
    const { clock, asked, found } = find(source, first, web);
    clock.run();
    expect([found, asked]).toEqual([[result], questions]);
  });

  it('is asked again while the nodes regroup', () => {
    const { clock, asked, found } = find('rx', null, {}, 2);
    clock.run();
    expect([found, asked]).toEqual([[null], ['0 find x', '101 find x', '202 find x']]);
  });

  it('is of no interest any more', () => {
    const { clock, asked, found, cancel } = find('rx', null, {}, 9);
    clock.runFor(50);
    cancel();
    expect(clock.pending).toBe(0);
    expect([asked, found]).toEqual([['0 find x'], []]);
    const early = find('m', null, {});
    early.cancel();
    early.clock.run();
    expect([early.asked, early.found]).toEqual([['0 find x', 'taken back'], []]);
  });
});
