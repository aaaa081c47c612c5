import { describe, expect, it } from 'vitest';
import { createLocalShard } from '../../../src/database/core/local-shard.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { createReplica } from '../../../src/database/core/replica.js';
import { defaultLimits } from '../../../src/env/limits.js';
import type { DatabaseRequest } from '../../../src/wire/database.js';

/** A replica whose master is `m`, what it sends, and the families that it shows. */
function make() {
  const sent: string[] = [];
  const shown: object[] = [];
  let regroup = (): void => undefined;
  const shard = createLocalShard('self', createMerge('self'), defaultLimits);
  const replica = createReplica({
    self: 'self',
    send: (to, request) => sent.push(`${to} ${request.kind}${'node' in request ? ` ${request.node}` : ''}`),
    admit: (_, entries) => entries,
    changed: (_, { family }) => shown.push(Object.fromEntries(family)),
    run: (task) => { task(); },
    regrouped: (task) => {
      regroup = task;
      return () => undefined;
    },
  }, shard);
  replica.setSource('m');
  return {
    replica,
    shard,
    shown,
    /** The nodes have had time to join another master. */
    regroup: () => { regroup(); },
    /** What was sent since the last look. */
    sent: () => sent.splice(0),
    says: (content: object, more = false) => {
      const request: DatabaseRequest = { kind: 'g_chg1', family: 'fam', content: new Map(Object.entries(content)), more };
      replica.receive('m', request);
    },
  };
}

describe('families that are closed and opened again before the master has answered (S26)', () => {
  it('take the last answer, however many are overdue, in pieces or not', () => {
    const { replica, shown, says } = make();
    for (let i = 0; i < 3; i++) {
      replica.open('fam');
      replica.close('fam');
    }
    replica.open('fam');
    says({ a: 1 });
    says({ a: 1 }, true);
    says({ b: 2 });
    says({ a: 3 });
    expect(shown).toEqual([]);
    says({ a: 4 }, true);
    says({ b: 5 });
    expect(shown).toEqual([{ a: 4, b: 5 }]);
    says({ a: 6 });
    expect(shown[1]).toEqual({ a: 6 });
  });

  it('are owed nothing once they have been answered', () => {
    const { replica, shown, says } = make();
    replica.open('fam');
    says({ a: 1 });
    replica.close('fam');
    replica.close('fam');
    replica.open('fam');
    says({ a: 2 });
    expect(shown).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('are owed nothing by another master, nor by one that was never there', () => {
    const { replica, shown, says } = make();
    replica.open('fam');
    replica.close('fam');
    replica.setSource(undefined);
    replica.open('fam');
    replica.close('fam');
    replica.setSource('m');
    replica.open('fam');
    says({ a: 1 });
    expect(shown).toEqual([{ a: 1 }]);
  });
});

describe('nodes that somebody looks for', () => {
  it('are asked for once, and all who wait hear the answer, once', () => {
    const { replica, sent } = make();
    const heard: unknown[] = [];
    replica.find('x', (addresses) => heard.push(['first', addresses]));
    replica.find('x', (addresses) => heard.push(['second', addresses]));
    expect(sent()).toEqual(['m g_find x']);
    replica.receive('m', { kind: 'g_found', node: 'x', addresses: ['h:1'] });
    replica.receive('m', { kind: 'g_found', node: 'x', addresses: ['h:2'] });
    expect(heard).toEqual([['first', ['h:1']], ['second', ['h:1']]]);
    // a new question
    replica.find('x', (addresses) => heard.push(['third', addresses]));
    expect(sent()).toEqual(['m g_find x']);
  });

  it('are sought for those who have not taken it back', () => {
    const { replica, sent } = make();
    const heard: string[] = [];
    const first = replica.find('x', () => heard.push('first'));
    replica.find('x', () => heard.push('second'));
    first();
    sent();
    replica.setSource('n');
    expect(sent()).toEqual(['n g_find x']);
    replica.receive('n', { kind: 'g_found', node: 'x', addresses: null });
    expect(heard).toEqual(['second']);
  });

  it('are sought no longer when all have', () => {
    const { replica, sent } = make();
    const first = replica.find('x', () => undefined);
    const second = replica.find('x', () => undefined);
    second();
    first();
    sent();
    replica.setSource('n');
    expect(sent()).toEqual([]);
    // what was taken back twice does not take back what others ask since
    const heard: unknown[] = [];
    replica.find('x', (addresses) => heard.push(addresses));
    first();
    replica.setSource('o');
    expect(sent()).toEqual(['n g_find x', 'o g_find x']);
    replica.receive('o', { kind: 'g_found', node: 'x', addresses: ['h:1'] });
    expect(heard).toEqual([['h:1']]);
  });
});

describe('answers in pieces', () => {
  const ask = (parts: readonly unknown[]): unknown => {
    const { replica } = make();
    let answer: unknown;
    replica.query('g_db_values', 'fam', (result) => { answer = result; });
    parts.forEach((result, i) => { replica.receive('m', { kind: 'g_reply', id: '1', result, more: i < parts.length - 1 }); });
    return answer;
  };

  it.each<[readonly unknown[], unknown]>([
    [[[1, 2]], [1, 2]],
    [[[[1], [2]], [[3, [4]]]], [[1], [2], [3, [4]]]],
    [[[], [1]], [1]],
    [[new Map([['a', 1]]), new Map([['b', 2]])], new Map([['a', 1], ['b', 2]])],
    [[{ a: 1 }, { b: 2 }], new Map([['a', 1], ['b', 2]])],
    [[null], null],
    [[[1], null, [[2]]], [1, null, [2]]],
    [[{ a: 1 }, null, [2], 'text'], new Map([['a', 1]])],
  ])('are joined to what they would be in one: case %#', (parts, whole) => {
    expect(ask(parts)).toEqual(whole);
  });
});

describe('who is told of the shard, and who is asked', () => {
  it('hears first what was set before', () => {
    const { replica, sent, shard } = make();
    replica.setHolder('m');
    sent();
    shard.set('fam', 'a', 1);
    replica.open('fam');
    shard.set('fam', 'b', 1);
    replica.setHolder('n');
    replica.flush();
    expect(sent()).toEqual(['m g_upd', 'm g_mon1', 'm g_upd', 'n g_slave']);
  });

  it('changes: it is known until the nodes have regrouped', () => {
    const { replica, regroup } = make();
    expect(replica.isRegrouping).toBe(false);
    replica.setSource('n');
    expect(replica.isRegrouping).toBe(true);
    regroup();
    expect(replica.isRegrouping).toBe(false);
  });

  it('are two nodes for a while; each is told once', () => {
    const { replica, sent } = make();
    replica.open('fam');
    sent();
    expect([replica.holder, replica.source]).toEqual([undefined, 'm']);
    replica.setHolder('h');
    replica.setHolder('h');
    replica.setSource('m');
    expect([replica.holder, replica.source, sent()]).toEqual(['h', 'm', ['h g_slave']]);
    replica.setHolder('self');
    replica.setHolder(undefined);
    replica.setSource(undefined);
    replica.flush();
    expect([replica.holder, replica.source, sent()]).toEqual([undefined, undefined, ['m g_mon0']]);
    replica.query('g_db_keys', 'fam', () => undefined);
    replica.find('x', () => undefined);
    replica.setSource('n');
    expect(sent()).toEqual(['n g_find x', 'n g_mon1', 'n g_db_keys']);
  });
});
