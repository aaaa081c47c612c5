import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createNode, type Limits, type MpNode } from 'rxmp';
import { afterEach, describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const listen = async (limits: Partial<Limits> = {}) => {
  const log = recordedLog();
  const node = await createNode({ binds: ['ws://127.0.0.1:0'], secret: 'a secret of strangers', log, limits });
  return { node, log };
};
const portOf = (node: MpNode): number => Number(/:(\d+)$/.exec(node.addresses[0] ?? '')?.[1]);

/** A connection that has upgraded to WebSocket, and proves nothing. */
async function stranger(node: MpNode, from = '127.0.0.1'): Promise<{ readonly socket: Socket; readonly isClosed: () => boolean }> {
  const socket = connect({ port: portOf(node), host: '127.0.0.1', localAddress: from, noDelay: true });
  sockets.push(socket);
  let closed = false;
  socket.on('error', () => undefined);
  socket.once('close', () => { closed = true; });
  const key = randomBytes(16).toString('base64');
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.resume();
  return { socket, isClosed: () => closed };
}

/** Frames of one octet, which make one message that never ends. */
const fragments = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_none, i) => Buffer.from([i === 0 ? 0x02 : 0x00, 0x81, 0, 0, 0, 0, 65])));

const heap = (): number => {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};

const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 100));

describe('what a connection costs before it has authenticated', () => {
  it('a WebSocket message comes in at most 2,048 frames', async () => {
    const { node, log } = await listen();
    const [right, wrong] = [await stranger(node), await stranger(node)];
    right.socket.write(fragments(2_048));
    wrong.socket.write(fragments(2_049));
    await expect.poll(wrong.isClosed).toBe(true);
    await settle();
    expect(right.isClosed()).toBe(false);
    expect(log.lines.filter((line) => line.includes('connection from'))).toEqual([expect.stringContaining('Too many message fragments')]);
    await node.close();
  });

  it('a frame before authentication comes in at most 1,000 pieces', async () => {
    const { node } = await listen();
    const { socket, isClosed } = await stranger(node);
    // a frame of a megabyte, of which one octet comes at a time
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x0f, 0xff, 0xff, 0, 0, 0, 0]));
    let sent = 0;
    for (; sent < 10_000 && !isClosed(); sent++) {
      socket.write('x');
      await new Promise(setImmediate);
    }
    expect(isClosed()).toBe(true);
    expect(sent).toBeGreaterThan(500);
    await node.close();
  });

  it('hundreds of them hold some ten megabytes, whatever they send', { timeout: 60_000 }, async () => {
    const { node } = await listen({ handshakeTime: 60_000 });
    const before = heap();
    for (let i = 0; i < 300; i++) {
      const { socket } = await stranger(node, `127.0.0.${2 + (i % 3)}`);
      socket.write(fragments(i % 2 === 0 ? 2_000 : 16_000));
    }
    await settle();
    const grown = heap() - before;
    // 150 of the others are gone
    expect(grown).toBeLessThan(60_000_000);
    await node.close();
  });
});
