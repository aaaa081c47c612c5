import 'reflect-metadata';
import { Controller, Get, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import { createNode, webSocketTransport, type MpNode, type Port } from 'rxmp';
import { send } from 'rxmp/guests';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { Server as SocketIoServer } from 'socket.io';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
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

  it('Nest, with platform-express: what app.getHttpServer() gives', async () => {
    class Api {
      get(): object {
        return { from: 'nest' };
      }
    }
    class App {
      readonly name = 'app';
    }
    // as decorators do it
    Get()(Api.prototype, 'get', Object.getOwnPropertyDescriptor(Api.prototype, 'get') ?? {});
    Controller('api')(Api);
    Module({ controllers: [Api] })(App);
    Logger.overrideLogger(false);
    const app = await NestFactory.create(App);
    open.push(app);
    const server = app.getHttpServer() as Server;
    const node = await attached(server);
    expect(node.addresses).toEqual([]);
    await app.listen(0, '127.0.0.1');
    const { port } = server.address() as AddressInfo;
    expect(node.addresses).toEqual([`ws://127.0.0.1:${port}/mp`]);
    const peer = await talkTo(node);
    expect(await get(port)).toEqual({ from: 'nest' });
    await Promise.all([node.close(), peer.close()]);
    expect(await get(port)).toEqual({ from: 'nest' });
    await app.close();
    expect(server.listening).toBe(false);
  });

  it('Express with socket.io beside the gate, by WebSockets and by requests: each has its own', async () => {
    const app = express();
    app.get('/api', (_request, response) => { response.json({ from: 'express' }); });
    const server = app.listen(0, '127.0.0.1');
    if (!server.listening) await once(server, 'listening');
    const io = new SocketIoServer(server);
    open.push(io);
    io.on('connection', (socket) => {
      socket.on('ping', (reply: (text: string) => void) => { reply('pong'); });
    });
    const log = recordedLog();
    const gate = await createNode({
      ...{ nodeid: 'gate', binds: ['ws://server/mp'], log, transports: [webSocketTransport({ server })] },
      guests: { admit: (user) => ({ user, may: [send(echo.id)] }) },
    });
    open.push(gate);
    const echo: Port = gate.rcv(gate.port(), { ping: (reply: string) => gate.snd(reply, 'pong') });
    const { port } = server.address() as AddressInfo;
    for (let round = 0; round < 3; round++) {
      const chat = await chatter(port);
      const guest = await createNode({ seeds: [...gate.addresses], credentials: 'ada', log: recordedLog() });
      open.push(guest);
      const ask = async (): Promise<unknown> => [await firstValueFrom(guest.cal(echo.id, 'ping')), await chat.ask('ping')];
      expect(await ask()).toEqual([['pong'], ['pong']]);
      // engine.io ends requests that nobody has answered within a second
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await ask()).toEqual([['pong'], ['pong']]);
      expect(await (await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`)).text()).toMatch(/^0\{"sid":/);
      expect(await get(port)).toEqual({ from: 'express' });
      await guest.close();
      chat.close();
    }
    await gate.close();
    const chat = await chatter(port);
    expect(await chat.ask('ping')).toEqual(['pong']);
    chat.close();
    expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });
});

/** A client of socket.io, which is no dependency: opens a connection by WebSocket, and asks with an acknowledgement. */
async function chatter(port: number): Promise<{ ask(event: string): Promise<unknown>; close(): void }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const heard: string[] = [];
  socket.on('message', (data: Buffer) => { heard.push(data.toString()); });
  const next = async (begin: string): Promise<string> => {
    await expect.poll(() => heard.some((text) => text.startsWith(begin))).toBe(true);
    return heard.splice(heard.findIndex((text) => text.startsWith(begin)), 1)[0]?.slice(begin.length) ?? '';
  };
  await next('0');
  socket.send('40');
  await next('40');
  return {
    async ask(event) {
      socket.send(`421${JSON.stringify([event])}`);
      return JSON.parse(await next('431')) as unknown;
    },
    close: () => { socket.close(); },
  };
}
