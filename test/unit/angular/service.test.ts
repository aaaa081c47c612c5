// @vitest-environment jsdom
import { TestBed } from '@angular/core/testing';
import type { MpNode, PortDied, PortId } from 'rxmp';
import { injectService } from 'rxmp/angular';
import { pass, provideTestNode } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { component, provide, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

type Pricing = ['quote', item: string, reply: PortId<[text: string]>] | ['order', item: string];

class Shop {
  readonly pricing = injectService<Pricing>('pricing');
}

/** A service that says which one it is. */
function open(node: MpNode, name: string, orders: string[] = []) {
  const port = node.rcv(node.port<Pricing>(), { quote: (item, reply) => node.snd(reply, `${item} of ${name}`), order: (item) => orders.push(`${item} at ${name}`) });
  node.dbReg('pricing', port);
  return port;
}

describe('injectService', () => {
  it('A5: is a port of the family that stays the same while it is there, and then another one', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const { pricing } = TestBed.createComponent(component('', Shop)).componentInstance;
    expect(pricing()).toBeUndefined();
    const ports = [open(server, 'first')];
    await pass(network, 500);
    const seen = [pricing()];
    for (let i = 0; i < 5; i++) ports.push(open(server, 'later'));
    await pass(network, 500);
    seen.push(pricing());
    server.kil(ports[0]!);
    await pass(network, 500);
    expect(seen).toEqual([ports[0]!.id, ports[0]!.id]);
    expect(ports.slice(1).map(({ id }) => id)).toContain(pricing());
    for (const port of ports.slice(1)) server.kil(port);
    await pass(network, 500);
    expect(pricing()).toBeUndefined();
  });

  it('sends and calls, and says when there is nobody', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const { pricing } = TestBed.createComponent(component('', Shop)).componentInstance;
    const [orders, answers]: [string[], unknown[]] = [[], []];
    const call = (): void => void pricing.cal('quote', 'tea').subscribe({ next: ([text]) => answers.push(text), error: (error: unknown) => answers.push((error as PortDied).reason) });
    call();
    expect([pricing.snd('order', 'tea'), answers.splice(0)]).toEqual([false, [['no_such_port']]]);
    void open(server, 'shop', orders);
    await pass(network, 500);
    call();
    expect(pricing.snd('order', 'tea')).toBe(true);
    await pass(network, 500);
    expect([orders, answers]).toEqual([['tea at shop'], ['tea of shop']]);
  });

  it('finds a server that was started again', async () => {
    await using network = createNetwork();
    const server = await network.node('server');
    provide(provideTestNode(network, { seeds: ['server'] }));
    const { pricing } = TestBed.createComponent(component('', Shop)).componentInstance;
    void open(server, 'first');
    await pass(network, 500);
    const before = pricing();
    network.crash('server');
    await pass(network, 3_000);
    expect(pricing()).toBe(before);
    const again = open(await network.restart('server'), 'second');
    await pass(network, 10_000);
    expect(pricing()).toBe(again.id);
  });
});
