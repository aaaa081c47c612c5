import express from 'express';
import fastify from 'fastify';
import { createNode, webSocketTransport, type MpNode } from 'rxmp';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';
import type { HttpServer } from '../../../src/transport/websocket-settings.js';

const secret = 'hF3k9Qz7LmW2xVb8TnR4cYp6';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function attached(server: HttpServer): Promise<MpNode> {
  const node = await createNode({ nodeid: 'hub', binds: ['ws://server/mp'], secret, log: recordedLog(), transports: [webSocketTransport({ server })] });
  open.push(node);
  return node;
}

/** A node that is connected with the other one, and has an answer of it. */
async function talkTo(hub: MpNode): Promise<MpNode> {
  const node = await createNode({ seeds: [...hub.addresses], secret, log: recordedLog() });
  open.push(node);
  const echo = hub.rcv(hub.port(), { ping: (reply: string) => hub.snd(reply, 'pong') });
  expect(await firstValueFrom(node.cal(echo.id, 'ping'))).toEqual(['pong']);
  return node;
}

const get = async (port: number): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/api`)).json();

describe('G11: a node on the server of a framework', () => {
  it('Express: what app.listen() gives', async () => {
    const app = express();
    app.get('/api', (_request, response) => { response.json({ from: 'express' }); });
    const server = app.listen(0, '127.0.0.1');
    const node = await attached(server);
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(node.addresses).toEqual([`ws://127.0.0.1:${port}/mp`]);
    const peer = await talkTo(node);
    expect(await get(port)).toEqual({ from: 'express' });
    await Promise.all([node.close(), peer.close()]);
    expect(await get(port)).toEqual({ from: 'express' });
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  it('Fastify: fastify.server, before it listens, and closed by its hook', async () => {
    const app = fastify();
    open.push(app);
    app.get('/api', () => ({ from: 'fastify' }));
    const node = await attached(app.server);
    expect(node.addresses).toEqual([]);
    app.addHook('preClose', () => node.close());
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    expect(node.addresses).toEqual([`ws://127.0.0.1:${port}/mp`]);
    await talkTo(node);
    expect(await get(port)).toEqual({ from: 'fastify' });
    // its connections would keep it from closing
    await app.close();
    expect(app.server.listening).toBe(false);
  });
});
