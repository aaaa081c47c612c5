import { connect, type Socket } from 'node:net';
import { createNode, type Limits, type NodeOptions } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { certificate } from '../../fixtures/certificates.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A node that listens on a scheme, and so many who connect to it and say nothing. */
async function crowd(scheme: string, count: number, limits: Partial<Limits>, options: NodeOptions = {}, from = ['127.0.0.2']) {
  const node = await createNode({ binds: [`${scheme}127.0.0.1:0`], secret: 'a secret of visitors', log: silentLog, limits, ...options });
  const port = Number(/:(\d+)$/.exec(node.addresses[0] ?? '')?.[1]);
  let open = 0;
  let came = 0;
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from[i % from.length] ?? '' }, () => { came++; open++; });
    socket.on('error', () => undefined);
    socket.once('close', () => open--);
    socket.resume();
    sockets.push(socket);
  }
  // once all have come: the first few are as many as the last
  return { node, open: () => (came === count ? open : Infinity) };
}

const schemes = ['', 'ws://', 'wss://'];
const optionsOf = async (scheme: string): Promise<NodeOptions> => (scheme === 'wss://' ? { cert: await certificate({ hosts: ['127.0.0.1'] }) } : {});

describe('limits of those who connect and say nothing, before any upgrade', () => {
  it.each(schemes)('pendingHandshakes: so many are in their handshake at a time (%s)', async (scheme) => {
    const { node, open } = await crowd(scheme, 40, { pendingHandshakes: 5, handshakeTime: 60_000 }, await optionsOf(scheme));
    await expect.poll(open, { timeout: 10_000 }).toBe(5);
    await node.close();
  });

  it.each(schemes)('handshakeTime: for those who are let in, and then places are free again (%s)', async (scheme) => {
    const { node, open } = await crowd(scheme, 5, { pendingHandshakes: 5, handshakeTime: 600 }, await optionsOf(scheme));
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
    const [late] = [connect(Number(/:(\d+)$/.exec(node.addresses[0] ?? '')?.[1]), '127.0.0.1')];
    sockets.push(late);
    let closed = false;
    late.on('error', () => undefined);
    late.once('close', () => { closed = true; });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(closed).toBe(false);
    late.destroy();
    await node.close();
  });

  it.each(schemes)('connections: a listener holds so many; those who wait longest make room for others, those who are in stay (%s)', async (scheme) => {
    const tls = await optionsOf(scheme);
    const { node, open } = await crowd(scheme, 30, { connections: 10, handshakeTime: 60_000 }, tls);
    await expect.poll(open, { timeout: 5_000 }).toBe(10);
    // from another address, which is quieter
    const leaf = await createNode({ nodeid: 'leaf', secret: 'a secret of visitors', log: silentLog, seeds: node.addresses, ...tls });
    await expect.poll(() => node.nodeIsUp('leaf'), { timeout: 5_000 }).toBe(true);
    expect(open()).toBeLessThanOrEqual(10);
    await leaf.close();
    await node.close();
  });

  it.each(schemes)('pendingHandshakes: two addresses that take all places keep a third one out for no second (%s)', async (scheme) => {
    const tls = await optionsOf(scheme);
    const { node, open } = await crowd(scheme, 40, { pendingHandshakes: 20 }, tls, ['127.0.0.2', '127.0.0.3']);
    await expect.poll(open, { timeout: 5_000 }).toBe(20);
    const start = performance.now();
    const leaf = await createNode({ nodeid: 'leaf', secret: 'a secret of visitors', log: silentLog, seeds: node.addresses, ...tls });
    await expect.poll(() => node.nodeIsUp('leaf'), { timeout: 5_000 }).toBe(true);
    expect(performance.now() - start).toBeLessThan(1_000);
    await leaf.close();
    await node.close();
  });

  it.each(schemes)('handshakeBurst of one address (%s)', async (scheme) => {
    const { node, open } = await crowd(scheme, 40, { handshakeBurst: 7, handshakeRate: 1 }, await optionsOf(scheme));
    await expect.poll(open, { timeout: 5_000 }).toBeLessThanOrEqual(8);
    await node.close();
  });

  it('a node that gets in over WebSocket leaves its place, as one that gives up does', async () => {
    const limits = { pendingHandshakes: 1 };
    const node = await createNode({ nodeid: 'hub', binds: ['ws://127.0.0.1:0'], secret: 'a secret of visitors', log: silentLog, limits });
    for (let i = 0; i < 3; i++) {
      const leaf = await createNode({ nodeid: `leaf${i}`, seeds: node.addresses, secret: 'a secret of visitors', log: silentLog });
      await expect.poll(() => node.nodeIsUp(`leaf${i}`)).toBe(true);
      await leaf.close();
    }
    await node.close();
  });
});
