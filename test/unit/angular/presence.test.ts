// @vitest-environment jsdom
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { presence, provideRxmp, withNode } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { provide, toggled, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

describe('presence', () => {
  it('A5: is set while there is a value and the component lives', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const changes: [entries: [string, unknown][], add: readonly string[], chg: readonly string[], del: readonly string[]][] = [];
    server.dbMon('typing').subscribe(({ family, add, chg, del }) => changes.push([[...family], add, chg, del]));
    const draft = signal('');
    const { isShown, now } = toggled(class {
      readonly typing = presence('typing', () => (draft() === '' ? undefined : { text: draft() }), { key: 'ada' });
    });
    await pass(network, 500);
    expect([changes.splice(0), now().typing()]).toEqual([[[[], [], [], []]], undefined]);

    for (const text of ['h', 'he']) {
      draft.set(text);
      await pass(network, 500);
    }
    // the key never goes between two values
    expect(changes.splice(0)).toEqual([
      [[['ada', { text: 'h' }]], ['ada'], [], []],
      [[['ada', { text: 'he' }]], [], ['ada'], []],
    ]);
    expect(now().typing()).toEqual({ text: 'he' });
    draft.set('');
    await pass(network, 500);
    draft.set('again');
    await pass(network, 500);
    isShown.set(false);
    await pass(network, 500);
    expect(changes.map(([entries]) => entries.length)).toEqual([0, 1, 0]);
    TestBed.resetTestingModule();
  });

  it('follows its key, which is the id of the node if it is not given', async () => {
    await using network = createNetwork();
    const node = await network.node('page');
    provide(provideRxmp(withNode(node)));
    let keys: readonly string[] = [];
    node.dbMon('typing').subscribe(({ family }) => { keys = [...family.keys()].sort(); });
    const key = signal<string | undefined>('one');
    toggled(class {
      readonly own = presence('typing', () => true);
      readonly keyed = presence('typing', () => true, { key });
    });
    const seen: string[] = [];
    for (const next of ['one', 'two', undefined]) {
      key.set(next);
      await pass(network, 100);
      seen.push(keys.join());
    }
    expect(seen).toEqual(['one,page', 'page,two', 'page']);
  });

  it('what can be no key is told to the ErrorHandler, and the last one stays', async () => {
    await using network = createNetwork();
    const node = await network.node('page');
    const { told } = provide(provideRxmp(withNode(node)));
    let keys: readonly string[] = [];
    node.dbMon('typing').subscribe(({ family }) => { keys = [...family.keys()]; });
    const key = signal('one');
    toggled(class {
      readonly typing = presence('typing', () => true, { key });
    });
    const seen: string[] = [];
    for (const next of ['one', '', 'two']) {
      key.set(next);
      await pass(network, 100);
      seen.push(keys.join());
    }
    expect([seen, told]).toEqual([['one', 'one', 'two'], [expect.objectContaining({ name: 'BadKey' })]]);
  });
});
