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
  const replica = createReplica({
    self: 'self',
    send: (to, request) => sent.push(`${to} ${request.kind}${'node' in request ? ` ${request.node}` : ''}`),
    admit: (_, entries) => entries,
    changed: (_, { family }) => shown.push(Object.fromEntries(family)),
    regrouped: () => () => undefined,
  }, createLocalShard('self', createMerge('self'), defaultLimits));
  replica.setSource('m');
  return {
    replica,
    shown,
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
