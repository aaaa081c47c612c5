import { createNode, type MpNode, type NodeOptions } from 'rxmp';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/testing/index.js';
import { certificate } from '../../fixtures/certificates.js';
import { startProxy } from '../../process/chaos-proxy.js';

const tls = { cert: await certificate({ hosts: ['127.0.0.1'] }) };
const nodes: MpNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});

const start = async (options: NodeOptions): Promise<MpNode> => {
  const node = await createNode({ log: silentLog, resumeTime: 10_000, ...options });
  nodes.push(node);
  return node;
};

/** The key of a link comes from the TLS session of its first connection; each other one has a session of its own. */
describe('V10: a link goes on inside TLS', () => {
  it.each<[string, string, NodeOptions, NodeOptions]>([
    ['with secret and certificates', '127.0.0.1:0', { secret: 'of both', tls }, { secret: 'of both', tls }],
    ['with certificates alone', '127.0.0.1:0', { tls }, { tls }],
    ['for who proves nothing', '127.0.0.1:0', { tls, acceptAnonymous: true, methods: ['tls_anon', 'tls_sha3_512'] }, { tls, methods: ['tls_sha3_512', 'tls_anon'] }],
    ['over wss://', 'wss://127.0.0.1:0', { secret: 'of both', tls }, { secret: 'of both', tls }],
  ])('%s', async (_, bind, options, pageOptions) => {
    const hub = await start({ nodeid: 'hub', binds: [bind], ...options });
    const proxy = await startProxy((hub.addresses[0] ?? '').replace(/^wss:\/\/[^:]+/, '127.0.0.1'));
    const seed = bind.startsWith('wss:') ? `wss://${proxy.address}` : proxy.address;
    const page = await start({ nodeid: 'page', seeds: [seed], ...pageOptions });
    await expect.poll(() => page.upNodes(), { timeout: 5_000 }).toEqual(['hub']);
    const heard: number[] = [];
    const port = hub.rcv(hub.port(), { n: (n: number) => { heard.push(n); } });
    const fired: unknown[] = [];
    page.mon(port.id, (...reason) => { fired.push(reason); });
    for (let i = 0; i < 200; i++) {
      page.snd(port.id, 'n', i);
      if (i % 40 === 20) {
        proxy.cut();
        proxy.heal();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await expect.poll(() => heard.length, { timeout: 8_000 }).toBe(200);
    expect(heard).toEqual(Array.from({ length: 200 }, (_n, i) => i));
    expect(fired).toEqual([]);
  });
});
