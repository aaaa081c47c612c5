import { describe, expect, it } from 'vitest';
import { BadFamily, BadKey, BadNodeId, BadValue } from '../../../src/wire/errors.js';
import { countHoldings } from '../../fixtures/holdings.js';
import { slaveOf } from './noted-database.js';

describe('functions of the database', () => {
  it('subscribers share one monitor, and the last one ends it', () => {
    const { node, says, sent } = slaveOf('rxm');
    const seen: unknown[] = [];
    const watch = (name: string) => node.dbMon('fam').subscribe(({ add, chg, del }) => seen.push([name, add, chg, del]));
    const [a, b] = [watch('a'), watch('b')];
    expect(sent()).toEqual([['rxm', 'g_mon1', 'fam']]);
    says('rxm', 'g_chg1', 'fam', ['k', 1]);
    const c = watch('c');
    expect(seen.splice(0)).toEqual([['a', ['k'], [], []], ['b', ['k'], [], []], ['c', ['k'], [], []]]);
    a.unsubscribe();
    c.unsubscribe();
    says('rxm', 'g_chg2', 'fam', ['k', 2]);
    expect([seen.splice(0), sent()]).toEqual([[['b', [], ['k'], []]], []]);
    b.unsubscribe();
    says('rxm', 'g_chg2', 'fam', ['k', 3]);
    expect([seen, sent()]).toEqual([[], [['rxm', 'g_mon0', 'fam']]]);
    watch('d').unsubscribe();
    expect(sent()).toEqual([['rxm', 'g_mon1', 'fam'], ['rxm', 'g_mon0', 'fam']]);
  });

  it('queries are asked for each subscriber, answered once, and taken back', () => {
    const { node, says, sent, down, up, closed$ } = slaveOf('rxm');
    const seen: unknown[] = [];
    const observer = { next: (value: unknown) => seen.push(value instanceof Map ? Object.fromEntries(value) : value), complete: () => seen.push('complete') };
    node.dbFamily('fam').subscribe(observer);
    node.dbKeys("'g").subscribe(observer);
    node.dbValues('fam').subscribe(observer);
    const back = node.dbKeys('other').subscribe(observer);
    expect(sent()).toEqual([['rxm', 'g_db_family', 'fam', '1'], ['rxm', 'g_db_keys', "'g", '2'], ['rxm', 'g_db_values', 'fam', '3'], ['rxm', 'g_db_keys', 'other', '4']]);
    says('rxm', 'g_reply', '1', { k: 1 });
    says('rxm', 'g_reply', '2', ['a', 5]);
    says('rxm', 'g_reply', '3', { no: 'list' });
    says('rxm', 'g_reply', '1', { k: 2 });
    expect(seen).toEqual([{ k: 1 }, 'complete', ['a', '5'], 'complete', [], 'complete']);
    back.unsubscribe();
    expect(closed$.observed).toBe(false);
    down('rxm');
    up('rxm');
    expect(sent()).toEqual([['rxm', 'g_slave'], ['rxm', 'g_slave', {}]]);
  });

  it('what they give cannot be changed, since all share it', () => {
    const { node, says } = slaveOf('rxm');
    const seen: unknown[] = [];
    node.dbFamily<object>('fam').subscribe((family) => seen.push(family.get('k')));
    node.dbValues('fam').subscribe(([value]) => seen.push(value));
    node.dbMon<object>('fam').subscribe(({ family }) => seen.push(family.get('k')));
    says('rxm', 'g_reply', '1', { k: { a: [] } });
    says('rxm', 'g_reply', '2', [{ a: [] }]);
    says('rxm', 'g_chg1', 'fam', ['k', { a: [] }]);
    expect(seen.map((value) => [value, Object.isFrozen(value), Object.isFrozen((value as { readonly a: unknown }).a)])).toEqual(new Array(3).fill([{ a: [] }, true, true]));
  });

  it('hold nothing of families that were watched, asked for or set once', async () => {
    const holdings = countHoldings();
    const { node, says, clock } = slaveOf('rxm');
    const before = await holdings.count();
    const use = (i: number): void => {
      const watching = node.dbMon(`watched${i}`).subscribe();
      says('rxm', 'g_chg1', `watched${i}`, ['k', 1]);
      watching.unsubscribe();
      node.dbKeys(`asked${i}`).subscribe();
      says('rxm', 'g_reply', String(i), []);
      node.dbSet(`set${i}`, 'k').unsubscribe();
      clock.runFor(0);
    };
    for (let i = 1; i <= 3; i++) use(i);
    expect(await holdings.count()).toEqual(before);
    holdings.restore();
  });

  it('names that are wrong throw at the call (S29)', () => {
    const { node, sent } = slaveOf('rxm');
    for (const bad of ['a-b', "'g"]) {
      expect(() => node.dbSet(bad, 'k')).toThrow(BadFamily);
      expect(() => { node.dbDel(bad, 'k'); }).toThrow(BadFamily);
    }
    for (const ask of ['dbFamily', 'dbKeys', 'dbValues', 'dbMon'] as const) expect(() => node[ask]('a-b')).toThrow(BadFamily);
    expect(() => node.dbSet('fam', '')).toThrow(BadKey);
    node.dbSet('fam', 'k');
    sent();
    expect(() => { node.dbDel('fam', 'k', ''); }).toThrow(BadKey);
    expect(sent(), 'nothing was deleted').toEqual([]);
  });

  it('a setting takes back its own only (S33)', () => {
    const { node, sent } = slaveOf('rxm');
    const first = node.dbSet('fam', 'k', 1);
    const second = node.dbSet('fam', 'k', 2);
    sent();
    first.unsubscribe();
    expect(sent()).toEqual([]);
    second.unsubscribe();
    expect(sent()).toEqual([['rxm', 'g_upd', 'fam', null, ['k']]]);
  });

  it('values of a family with a schema are checked, set here or elsewhere', () => {
    const numbers = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => (typeof value === 'number' ? { value: value + 1 } : { issues: [{ message: 'no number' }] }) } } as const;
    const { node, says, sent } = slaveOf('rxm', { schemas: { fam: numbers } });
    expect(() => node.dbSet('fam', 'k', 'text')).toThrow(BadValue);
    node.dbSet('fam', 'k', 1);
    expect(sent()).toEqual([['rxm', 'g_upd', 'fam', ['k', 1]]]);
    const seen: unknown[] = [];
    node.dbKeys('fam').subscribe((keys) => seen.push(keys));
    node.dbValues('fam').subscribe((values) => seen.push(values));
    node.dbFamily('fam').subscribe((family) => seen.push(family));
    expect(sent().map((message) => (message as unknown[])[1])).toEqual(['g_db_family', 'g_db_values', 'g_db_family']);
    says('rxm', 'g_reply', '1', { a: 1, b: 'text' });
    says('rxm', 'g_reply', '2', [1, 'text', 2]);
    says('rxm', 'g_reply', '3', { a: 1, b: 'text' });
    expect(seen).toEqual([['a'], [2, 3], new Map([['a', 2]])]);
  });

  it('a port that is registered is in the family until it dies, or is taken out', () => {
    const { node, ports, monitored, sent } = slaveOf('rxm');
    expect(() => node.dbReg('fam')).toThrow('dbReg without a port can only be called by code of a port');
    expect(() => node.dbReg('fam', 'rx')).toThrow(BadNodeId);
    ports.current = { id: 'rx#1' };
    node.dbReg('fam');
    const second = node.dbReg('fam', 'rx#2', 'value');
    expect([sent(), [...monitored.keys()]]).toEqual([[['rxm', 'g_upd', 'fam', ['rx#1', null, 'rx#2', 'value']]], ['rx#1', 'rx#2']]);
    second.unsubscribe();
    expect([sent(), [...monitored.keys()]]).toEqual([[['rxm', 'g_upd', 'fam', null, ['rx#2']]], ['rx#1']]);
    // whoever has set it since
    node.dbSet('fam', 'rx#1', 'other');
    monitored.get('rx#1')?.();
    expect([sent(), [...monitored.keys()]]).toEqual([[['rxm', 'g_upd', 'fam', null, ['rx#1']]], []]);
  });
});
