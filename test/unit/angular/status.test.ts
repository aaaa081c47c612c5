// @vitest-environment jsdom
import { TestBed } from '@angular/core/testing';
import { injectRxmpStatus } from 'rxmp/angular';
import { pass, provideTestNode } from 'rxmp/angular/testing';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provide } from './app.js';

/** What is used of the page. */
const { window, navigator } = globalThis as unknown as { window: EventTarget; navigator: { onLine: boolean } };

afterEach(() => {
  TestBed.resetTestingModule();
  vi.restoreAllMocks();
});

const status = () => TestBed.runInInjectionContext(injectRxmpStatus);

async function gate(network: TestNetwork) {
  return network.node('gate', { guests: { admit: (user) => (user === 'nobody' ? undefined : { user, may: [] }) } });
}

describe('injectRxmpStatus', () => {
  it('connecting, with the attempt and why the last failed; connected', async () => {
    await using network = createNetwork();
    provide(provideTestNode(network, { seeds: ['server'] }));
    const now = status();
    expect(now()).toEqual({ status: 'offline' });
    await pass(network, 3_000);
    expect(now()).toMatchObject({ status: 'connecting', nextIn: expect.any(Number), why: { code: 'unreachable' } });
    await network.node('server');
    await pass(network, 30_000);
    expect(now()).toEqual({ status: 'connected' });
    TestBed.resetTestingModule();
  });

  it('suspended, while what is sent waits', async () => {
    await using network = createNetwork({ node: { secret: 'of this test', monitorTimeout: 1_000, resumeTime: 60_000 } });
    await network.node('server');
    provide(provideTestNode(network, { seeds: ['server'] }));
    const now = status();
    await pass(network, 1_000);
    network.partition(['page'], ['server']);
    await pass(network, 5_000);
    expect(now()).toMatchObject({ status: 'suspended' });
    TestBed.resetTestingModule();
  });

  it('refused: who is not let in, and who was sent away', async () => {
    await using network = createNetwork();
    await gate(network);
    provide(provideTestNode(network, { seeds: ['gate'], credentials: 'nobody' }));
    const now = status();
    await pass(network, 5_000);
    expect(now()).toMatchObject({ status: 'refused', why: { code: 'refused' } });
    TestBed.resetTestingModule();
  });

  it('refused: who was sent away', async () => {
    await using network = createNetwork();
    const house = await gate(network);
    provide(provideTestNode(network, { seeds: ['gate'], credentials: 'ada' }));
    const now = status();
    await pass(network, 5_000);
    expect(now()).toEqual({ status: 'connected' });
    house.revoke('ada', 'the shop is closed');
    await pass(network, 5_000);
    expect(now()).toMatchObject({ status: 'refused', why: { code: 'revoked', text: expect.stringContaining('the shop is closed') } });
    TestBed.resetTestingModule();
  });

  it('offline: the browser says so, and that it is over; its listeners go with the injector (A5)', async () => {
    await using network = createNetwork();
    provide(provideTestNode(network, { seeds: ['server'] }));
    const listeners = { added: vi.spyOn(window, 'addEventListener'), removed: vi.spyOn(window, 'removeEventListener') };
    const now = status();
    await pass(network, 1_000);
    const online = vi.spyOn(navigator, 'onLine', 'get');
    online.mockReturnValue(false);
    window.dispatchEvent(new Event('offline'));
    expect(now()).toEqual({ status: 'offline' });
    online.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    expect(now()).toMatchObject({ status: 'connecting' });
    TestBed.resetTestingModule();
    const lines = (calls: readonly (readonly unknown[])[]): unknown[] => calls.filter(([event]) => event === 'online' || event === 'offline');
    expect(lines(listeners.added.mock.calls)).toHaveLength(2);
    expect(lines(listeners.removed.mock.calls)).toEqual(lines(listeners.added.mock.calls));
  });
});
