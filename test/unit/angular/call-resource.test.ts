// @vitest-environment jsdom
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { CallTimeout, PortDied, type MpNode, type Port, type PortId } from 'rxmp';
import { callResource } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { toggled, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

type Pricing = ['quote', item: string, delay: number, reply: PortId<[price: number]>];

/** Answers after a delay; `asked` is what it was asked, `dead` the reply ports that died. */
function pricing(node: MpNode): { port: Port<Pricing>; asked: string[]; dead: string[] } {
  const asked: string[] = [];
  const dead: string[] = [];
  const port = node.port<Pricing>();
  void node.rcv(port, {
    quote: (item, delay, reply) => {
      asked.push(item);
      node.mon(reply, () => { dead.push(item); });
      node.after(delay, reply, item.length);
    },
  });
  return { port, asked, dead };
}

describe('callResource', () => {
  it('gives the answer, calls again when the message changes, and on reload()', async () => {
    await using network = createNetwork();
    const { port, asked } = pricing(await withServer(network));
    const item = signal('tea');
    const quote = TestBed.runInInjectionContext(() => callResource({ port: port.id, params: () => ['quote', item(), 10], timeout: 2_000 }));
    await pass(network, 0);
    expect([quote.status(), quote.isLoading(), quote.value()]).toEqual(['loading', true, undefined]);
    await pass(network, 500);
    expect([quote.status(), quote.isLoading(), quote.value()]).toEqual(['resolved', false, [3]]);
    item.set('coffee');
    await pass(network, 500);
    quote.reload();
    await pass(network, 500);
    expect([quote.value(), asked]).toEqual([[6], ['tea', 'coffee', 'coffee']]);
    TestBed.resetTestingModule();
  });

  it('A5: a new call cancels the last, whose answer comes to nobody', async () => {
    await using network = createNetwork();
    const { port, asked, dead } = pricing(await withServer(network));
    const item = signal('slow');
    const delays: Readonly<Record<string, number>> = { slow: 1_000, quick: 100 };
    const quote = TestBed.runInInjectionContext(() => callResource({ port: port.id, params: () => ['quote', item(), delays[item()]!] }));
    const seen: string[] = [];
    const draw = async (ms: number): Promise<void> => {
      for (let i = 0; i < ms; i += 50) {
        await pass(network, 50);
        seen.push(quote.hasValue() ? String(quote.value()[0]) : '-');
      }
    };
    await draw(500);
    expect(asked).toEqual(['slow']);
    item.set('quick');
    await draw(1_500);
    expect(asked).toEqual(['slow', 'quick']);
    // the answer of the first call, which would have been 4, is never seen
    expect(seen.join('')).toMatch(/^-{12,14}5+$/);
    expect(dead).toContain('slow');
    TestBed.resetTestingModule();
  });

  it('A5: a call ends with its component', async () => {
    await using network = createNetwork();
    const { port, asked, dead } = pricing(await withServer(network));
    const { isShown } = toggled(class {
      readonly quote = callResource({ port, params: () => ['quote', 'tea', 60_000] });
    });
    await pass(network, 500);
    expect([asked, dead]).toEqual([['tea'], []]);
    isShown.set(false);
    await pass(network, 500);
    expect(dead).toEqual(['tea']);
    TestBed.resetTestingModule();
  });

  it('calls nobody without a message or a port, and follows the port', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const [one, two] = [pricing(server), pricing(server)];
    const port = signal<PortId<Pricing> | undefined>(undefined);
    const item = signal<string | undefined>(undefined);
    const quote = TestBed.runInInjectionContext(() =>
      callResource({ port, params: () => { const now = item(); return now === undefined ? undefined : ['quote', now, 0] as const; } }));
    await pass(network, 100);
    item.set('tea');
    await pass(network, 100);
    expect([quote.status(), one.asked, two.asked]).toEqual(['idle', [], []]);
    port.set(one.port.id);
    await pass(network, 500);
    port.set(two.port.id);
    await pass(network, 500);
    expect([quote.status(), one.asked, two.asked]).toEqual(['resolved', ['tea'], ['tea']]);
    TestBed.resetTestingModule();
  });

  it('errors with CallTimeout, and PortDied', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const { port } = pricing(server);
    const quote = TestBed.runInInjectionContext(() => callResource<Pricing>({ port: port.id, params: () => ['quote', 'tea', 5_000], timeout: 300 }));
    await pass(network, 1_000);
    expect([quote.status(), quote.error()]).toEqual(['error', expect.any(CallTimeout)]);
    port.complete();
    quote.reload();
    await pass(network, 200);
    expect(quote.error()).toBeInstanceOf(PortDied);
    TestBed.resetTestingModule();
  });
});
