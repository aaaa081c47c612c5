import { createNode, memoryNetwork, realClock, webSocketTransport, type MpNode, type NodeOptions } from 'rxmp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { silentLog } from '../../../src/testing/index.js';
import { certificate } from '../../fixtures/certificates.js';

const secret = 'of these tests';
const ca = await certificate({ name: 'ca' });
const cert = await certificate({ issuer: ca, hosts: ['127.0.0.1'] });
const nodes: MpNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function start(options: NodeOptions): Promise<{ readonly node: MpNode; readonly warnings: string[] }> {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_details: object, text: string) => warnings.push(text) };
  const node = await createNode({ log, secret, ...options });
  nodes.push(node);
  return { node, warnings };
}

const page = (address: string, origin: string): Promise<string> =>
  new Promise((resolve) => {
    const ws = new WebSocket(address, { origin, rejectUnauthorized: false });
    ws.on('open', () => {
      resolve('open');
      ws.terminate();
    });
    ws.on('error', (error) => {
      resolve(error.message);
    });
  });

describe('the option transports', () => {
  it('uses one that somebody has wrapped as it is', async () => {
    const asked: string[] = [];
    const wrapped = webSocketTransport();
    const { node } = await start({
      seeds: ['ws://127.0.0.1:1'],
      transports: [{ ...wrapped, connect: (address) => { asked.push(address.text); return wrapped.connect(address); } }],
    });
    await expect.poll(() => asked).toEqual(['ws://127.0.0.1:1']);
    await node.close();
  });

  const origins = ['https://chat.example'];
  it.each<[string, NodeOptions]>([
    ['beside the node\'s tls', { tls: { cert, ca }, transports: [webSocketTransport({ origins })] }],
    ['with PEM texts of its own', { transports: [webSocketTransport({ origins, tls: { cert, ca } })] }],
  ])('gives wss:// binds origins and certificates, %s, and leaves TCP', async (_name, options) => {
    const { node } = await start({ binds: ['wss://127.0.0.1:0/mp', '127.0.0.1:0'], ...options });
    const [wss = '', tcp] = node.addresses;
    expect(tcp).toMatch(/^127/);
    expect(await page(wss, 'https://chat.example')).toBe('open');
    expect(await page(wss, 'https://evil.example')).toContain('403');
    const { node: other } = await start({ seeds: [wss], tls: { ca } });
    await vi.waitFor(() => { expect(other.upNodes()).toEqual([node.id]); }, 5_000);
  });

  it('with "only" has no others', async () => {
    await expect(createNode({ seeds: ['127.0.0.1:1'], log: silentLog, transports: { only: [memoryNetwork(realClock)] } })).rejects.toThrow(
      '"127.0.0.1:1": no transport for "tcp" here, only for memory',
    );
  });
});

describe('a page that is refused for its origin', () => {
  it('is warned of once in a while, with both hosts and the option, and nothing raw', async () => {
    const { node, warnings } = await start({ binds: ['ws://127.0.0.1:0'] });
    const [address = ''] = node.addresses;
    for (let i = 0; i < 3; i++) expect(await page(address, 'https://evil.example/\u009b31m')).toContain('403');
    expect(warnings).toEqual([expect.stringMatching(/^refused a page of .*evil\.example.* from 127\.0\.0\.1:\d+, .*127\.0\.0\.1:\d+.*origins/)]);
    expect(warnings.join()).not.toContain('\u009b');
  });
});
