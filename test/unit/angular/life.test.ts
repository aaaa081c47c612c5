// @vitest-environment jsdom
import { NgZone, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { callResource, injectFamily, injectKey, injectPort, injectRxmpStatus, injectScope, injectService, membership, presence, provideRxmp, withNode } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { $ } from 'rxmp/federation';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, provide, toggled } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

interface Fact {
  readonly type: 'present';
  readonly who: string;
}

/** A component that uses all functions. */
function everything(port: string) {
  return class {
    readonly status = injectRxmpStatus();
    readonly rooms = injectFamily('rooms');
    readonly blue = injectKey('rooms', () => 'blue');
    readonly me = injectPort({ news: () => {} });
    readonly answer = callResource({ port, params: () => ['ask'] });
    readonly typing = presence('typing', () => true);
    readonly service = injectService('services');
    readonly joined = membership(port, () => {});
    readonly room = injectScope<Fact>('room');
    readonly present = this.room.signal({ type: 'present', who: $ });
    constructor() {
      this.room.asserting(() => ({ type: 'present', who: 'ada' }));
    }
  };
}

describe('A5: nothing outlives its component', () => {
  it('counted: ports, monitors, calls, families, keys and scopes, over 50 lives of a component that uses all of them', async () => {
    await using network = createNetwork();
    const server = await network.node('server');
    const page = await network.node('page', { seeds: ['server'] });
    const { node, use } = counted(page);
    const { told } = provide(provideRxmp(withNode(node)));
    const silent = server.port<['ask', string]>(() => {});
    let keys = 0;
    server.dbMon('typing').subscribe(({ family }) => { keys = family.size; });

    const All = everything(silent.id);
    const { isShown, destroyed } = toggled(All);
    await pass(network, 1_000);
    // streams: status, two families, the port's monitor, the call, and the membership's monitor
    expect([use(), keys]).toEqual([{ ports: 1, streams: 6, keys: 1, scopes: 1 }, 1]);

    for (let life = 1; life < 50; life++) {
      isShown.set(false);
      await pass(network, life % 3 === 0 ? 100 : 0);
      isShown.set(true);
      await pass(network, life % 2 === 0 ? 100 : 0);
    }
    await pass(network, 100);
    expect([use(), keys]).toEqual([{ ports: 1, streams: 6, keys: 1, scopes: 1 }, 1]);
    isShown.set(false);
    await pass(network, 2_000);
    expect([use(), keys, destroyed(), told]).toEqual([{ ports: 0, streams: 0, keys: 0, scopes: 0 }, 0, 50, []]);
  });

  it('counted: a component that is gone before its node is there opens nothing', async () => {
    await using network = createNetwork();
    const page = await network.node('page');
    const { node, use } = counted(page);
    let found: (made: typeof node) => void = () => {};
    provide(provideRxmp({ open: () => new Promise<typeof node>((resolve) => { found = resolve; }), close: () => {} }));
    const draft = signal('x');
    const { isShown } = toggled(class {
      readonly status = injectRxmpStatus();
      readonly rooms = injectFamily('rooms');
      readonly me = injectPort({ news: () => {} });
      readonly answer = callResource({ port: 'page#none', params: () => ['ask'] });
      readonly typing = presence('typing', draft);
      readonly joined = membership(injectService('services'), () => {});
      readonly present = injectScope<Fact>('room').signal({ type: 'present', who: $ });
    });
    await pass(network, 100);
    isShown.set(false);
    await pass(network, 100);
    found(node);
    await pass(network, 100);
    expect(use()).toEqual({ ports: 0, streams: 0, keys: 0, scopes: 0 });
  });

  it('A2: all that is done with the node is done outside of the zone of Angular, where it starts no change detection', async () => {
    await using network = createNetwork();
    const page = await network.node('page');
    let depth = 0;
    const where: string[] = [];
    const { node, use } = counted(page, (name) => { where.push(`${name} ${depth > 0 ? 'outside' : 'inside'}`); });
    provide(provideRxmp(withNode(node)));
    vi.spyOn(TestBed.inject(NgZone), 'runOutsideAngular').mockImplementation((run) => {
      depth++;
      try {
        return run();
      } finally {
        depth--;
      }
    });
    const { isShown } = toggled(everything('page#none'));
    await pass(network, 1_000);
    isShown.set(false);
    await pass(network, 1_000);
    expect([...new Set(where)].sort()).toEqual(['cal', 'dbMon', 'dbSet', 'federate', 'mon', 'port', 'status$'].map((name) => `${name} outside`));
    expect(use()).toEqual({ ports: 0, streams: 0, keys: 0, scopes: 0 });
  });
});
