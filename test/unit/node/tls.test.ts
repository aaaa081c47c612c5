import { createNode, type Logger, type MpNode, type NodeOptions } from 'rxmp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { certificate } from '../../fixtures/certificates.js';

const ca = await certificate({ name: 'ca' });
const own = (): Promise<string> => certificate({ issuer: ca, hosts: ['127.0.0.1'] });
const nodes: MpNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function start(nodeid: string, options: NodeOptions): Promise<{ readonly node: MpNode; readonly texts: string[] }> {
  const texts: string[] = [];
  const keep = (_details: object, text: string): unknown => texts.push(text);
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const node = await createNode({ nodeid, log, ...options });
  nodes.push(node);
  return { node, texts };
}

describe('nodes with certificates', () => {
  it.each<[string, NodeOptions]>([
    ['without a secret', {}],
    ['with a secret too', { secret: 'test' }],
  ])('talk in TLS over TCP, %s', async (_name, options) => {
    const { node: hub } = await start('hub', { binds: ['127.0.0.1:0'], cert: await own(), ...options });
    const { node: guest } = await start('guest', { seeds: hub.addresses, tls: { cert: await own(), ca }, ...options });
    const words: unknown[] = [];
    const port = hub.port<[string, Uint8Array | string]>();
    void hub.rcv(port, { word: (word) => { words.push(word); } });
    await vi.waitFor(() => { expect(guest.upNodes()).toEqual(['hub']); }, 5_000);
    guest.snd(port.id, 'word', 'x'.repeat(1_000_000));
    await vi.waitFor(() => { expect(words).toEqual(['x'.repeat(1_000_000)]); }, 5_000);
  });

  it('talk over wss://, where only the listener needs a certificate', async () => {
    const { node: hub } = await start('hub', { binds: ['wss://127.0.0.1:0'], cert: await own(), secret: 'test' });
    const { node: guest } = await start('guest', { seeds: hub.addresses, tls: { ca }, secret: 'test' });
    await vi.waitFor(() => { expect(guest.upNodes()).toEqual(['hub']); }, 5_000);
  });

  it('thirty that come at once over wss:// are let in one after the other, and all of them', async () => {
    const { node: hub } = await start('hub', { binds: ['wss://127.0.0.1:0'], cert: await own(), secret: 'test' });
    const guests = await Promise.all(Array.from({ length: 30 }, (_none, i) => start(`guest${i}`, { seeds: hub.addresses, tls: { ca }, secret: 'test' })));
    await vi.waitFor(() => { expect(hub.upNodes()).toHaveLength(guests.length); }, 10_000);
  });

  it('of other networks do not, and both say why', async () => {
    const hub = await start('hub', { binds: ['127.0.0.1:0'], cert: await own() });
    const guest = await start('guest', { seeds: hub.node.addresses, tls: { cert: await certificate({ name: 'strangers' }), ca } });
    await vi.waitFor(() => {
      for (const { texts } of [hub, guest]) expect(texts.join('\n')).toContain('certificate is signed by an unknown CA');
    }, 5_000);
    expect([hub.node.upNodes(), guest.node.upNodes()]).toEqual([[], []]);
  });
});
