import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { createGateway } from '../../../src/database/gateway.js';
import type { DatabaseRequest } from '../../../src/wire/database.js';

function makeGateway() {
  const families = new Map<string, Subject<FamilyChange>>();
  const told: DatabaseRequest[] = [];
  const asked: DatabaseRequest[] = [];
  const answers: ((result: unknown) => void)[] = [];
  const familyOf = (name: string): Subject<FamilyChange> => {
    const family = families.get(name) ?? new Subject<FamilyChange>();
    families.set(name, family);
    return family;
  };
  const gateway = createGateway({
    self: 'slave',
    directory: { keep: () => undefined },
    replica: { query: (_kind, _family, answered) => { answers.push(answered); return () => undefined; } },
    watch: familyOf,
    find: () => () => undefined,
    relaysTo: () => false,
    send: (_nodes, request) => { told.push(request); },
    asked: (_node, request) => { asked.push(request); },
  });
  const content = new Map([['key', 1]]);
  const change: FamilyChange = { family: content, add: ['key'], chg: [], del: [], current: true };
  return { gateway, told, asked, answers, familyOf, content, change };
}

const MON1 = { kind: 'g_mon1', family: 'f' } as const;
const MON0 = { kind: 'g_mon0', family: 'f' } as const;

describe('a slave as the master of what is attached to it (V19)', () => {
  it('S28: answers each g_mon1 once, also those that were taken back before it knew anything', () => {
    const { gateway, told, familyOf, content, change } = makeGateway();
    gateway.request('worker', MON1);
    gateway.request('worker', MON0);
    gateway.request('worker', MON1);
    familyOf('f').next(change);
    const answer = { kind: 'g_chg1', family: 'f', content, more: false };
    expect(told).toEqual([answer, answer]);

    familyOf('f').next({ ...change, add: [], chg: ['key'] });
    expect(told.slice(2)).toEqual([{ kind: 'g_chg2', family: 'f', set: content, del: [] }]);
  });

  it('keeps nothing of what was answered and taken back, nor of nodes that are gone', () => {
    const { gateway, familyOf, change } = makeGateway();
    gateway.request('worker', MON1);
    gateway.request('worker', MON0);
    expect(familyOf('f').observed).toBe(true);
    familyOf('f').next(change);
    expect(familyOf('f').observed).toBe(false);

    gateway.request('worker', MON1);
    gateway.request('worker', MON0);
    gateway.down('worker');
    expect(familyOf('f').observed).toBe(false);
  });

  it('S28: asks itself what is still open when it becomes global, in the same order', () => {
    const { gateway, asked, answers, told, familyOf } = makeGateway();
    gateway.request('worker', MON1);
    gateway.request('worker', MON0);
    gateway.request('worker', MON1);
    const query = { kind: 'g_db_keys', family: 'f', id: '1' } as const;
    const find = { kind: 'g_find', node: 'other' } as const;
    gateway.request('worker', query);
    gateway.request('worker', { ...query, id: '2' });
    answers[0]?.([]);
    gateway.request('worker', find);
    gateway.request('guest', MON1);
    gateway.becomeGlobal((node) => node === 'guest');
    expect(asked).toEqual([MON1, MON0, MON1, { ...query, id: '2' }, find]);
    expect(told).toEqual([{ kind: 'g_reply', id: '1', result: [], more: false }]);
    expect(familyOf('f').observed).toBe(true); // for the guest
  });
});
