// @vitest-environment jsdom
import { inject, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { MpNode } from 'rxmp';
import { injectNode, injectRxmpStatus, provideRxmp, withNode } from 'rxmp/angular';
import { pass, provideTestNode } from 'rxmp/angular/testing';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { provide } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

const node = () => TestBed.runInInjectionContext(injectNode);

/** Options of a node that is in a test network, made by `provideRxmp` itself. */
const inNetwork = (network: TestNetwork, name: string) => ({ transports: { only: [network.wire.transport(name)] }, clock: network.clock, monitorTimeout: 1_000 });

describe('A6: provideRxmp', () => {
  it('makes the node when it is first injected, and closes it with the application', async () => {
    await using network = createNetwork();
    const server = await network.node('server');
    let made = 0;
    provide(provideRxmp(() => {
      made++;
      return { ...inNetwork(network, 'page'), nodeid: 'page', seeds: ['memory://server'], secret: 'of this test' };
    }));
    TestBed.tick();
    expect(made).toBe(0);
    const [one, other] = [node(), node()];
    expect([made, one(), other]).toEqual([1, undefined, one]);
    await pass(network, 0);
    await network.until(() => server.nodeIsUp('page') === true, 5_000);
    expect(one()!.id).toBe('page');

    let isClosed = false;
    one()!.status$.subscribe({ complete: () => { isClosed = true; } });
    TestBed.resetTestingModule();
    await network.until(() => isClosed && server.nodeIsUp('page') === false, 5_000);
    expect(made).toBe(1);
  });

  it('closes a node that is there only after the application has ended', async () => {
    await using network = createNetwork();
    provide(provideTestNode(network));
    const late = node();
    TestBed.resetTestingModule();
    await network.run(1_000);
    expect(late()).toBeUndefined();
    await network.until(() => network.get('page').upNodes().length === 0 && network.clock.pending === 0, 5_000);
  });

  it('asks for credentials in an injection context, each time', async () => {
    await using network = createNetwork();
    const shown: string[] = [];
    const gate = await network.node('gate', {
      guests: { admit: (user) => { shown.push(user); return { user, may: [] }; } },
    });
    const user = new InjectionToken<{ name: string }>('user');
    const name = { name: 'ada' };
    provide({ provide: user, useValue: name }, provideTestNode(network, { seeds: ['gate'], credentials: () => inject(user).name }));
    const page = node();
    await pass(network, 5_000);
    expect(page()!.nodeIsUp('gate')).toBe(true);
    network.partition(['gate'], ['page']);
    name.name = 'eve';
    await network.run(5_000);
    network.heal();
    await network.run(10_000);
    expect(page()!.nodeIsUp('gate')).toBe(true);
    expect(shown).toEqual(['ada', 'eve']);
    expect(gate.upNodes()).toHaveLength(1);
    TestBed.resetTestingModule();
  });

  it('says what is wrong with its options', async () => {
    const { told } = provide(provideRxmp({ seeds: ['nonsense:'] }));
    const [made, status] = [node(), TestBed.runInInjectionContext(injectRxmpStatus)];
    await expect.poll(status).toMatchObject({ status: 'failed', error: expect.objectContaining({ name: 'BadAddress' }) });
    expect([made(), told]).toEqual([undefined, [expect.objectContaining({ name: 'BadAddress' })]]);
  });

  it('without it the error says what is missing', () => {
    provide();
    expect(node).toThrow(/provideRxmp/);
  });
});

describe('A6: withNode', () => {
  it('takes a node, at once, and leaves it open', async () => {
    await using network = createNetwork();
    const given: MpNode = await network.node('page');
    provide(provideRxmp(withNode(given)));
    expect(node()()).toBe(given);
    TestBed.resetTestingModule();
    await network.run(1_000);
    expect(given.nodeIsUp('page')).toBe(true);
  });
});
