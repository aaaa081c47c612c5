import { createNode, webSocketTransport, type Limits, type MpNode, type NodeOptions, type Transport } from 'rxmp';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Duplex as Stream } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { recordedLog, type RecordedLog } from '../../../marbles/world.js';
import type { WebSocketOptions } from '../../../src/transport/websocket-settings.js';
import { certificate } from '../../fixtures/certificates.js';

const secret = 'hF3k9Qz7LmW2xVb8TnR4cYp6';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A server that answers requests for pages; it is closed, with all connections, at the end. */
function pages(server: Server = createServer()): Server {
  server.on('request', (_request, response) => { response.end('a page'); });
  open.push({ close: () => { server.closeAllConnections(); server.close(); } });
  return server;
}

async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Attached {
  readonly node: MpNode;
  readonly log: RecordedLog;
}

async function attached(server: Server, options: NodeOptions & { readonly ws?: WebSocketOptions } = {}): Promise<Attached> {
  const { ws, ...rest } = options;
  const log = recordedLog();
  const node = await createNode({ nodeid: 'hub', binds: ['ws://server/mp'], secret, log, transports: [webSocketTransport({ ...ws, server })], ...rest });
  open.push(node);
  return { node, log };
}

/** Makes a node that has the address as its seed, and waits until the two are connected. */
async function join2(seed: string, options: NodeOptions = {}): Promise<MpNode> {
  const node = await createNode({ seeds: [seed], secret, log: recordedLog(), ...options });
  open.push(node);
  await firstValueFrom(node.connections$);
  return node;
}

/** What becomes of a request for a WebSocket: `open`, or the status; it stays open. */
function visit(url: string, headers: Record<string, string> = {}, gone: () => unknown = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, { headers });
    open.push({ close: () => { ws.terminate(); } });
    ws.on('open', () => { resolve('open'); });
    ws.on('close', gone);
    ws.on('error', (error) => { resolve(error.message.replace('Unexpected server response: ', '')); });
  });
}

function page(port: number, path = '/'): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () => { resolve({ status: response.statusCode, body }); });
    }).on('error', reject).end();
  });
}

const warnings = ({ lines }: RecordedLog): string[] => lines.filter((line) => /^(warn|error)/.test(line));

describe('G11: a node on an HTTP server that is there already', () => {
  it('listens at its path, has the address of the server, and leaves its pages alone', async () => {
    const server = pages();
    const port = await listen(server);
    const { node } = await attached(server);
    expect(node.addresses).toEqual([`ws://127.0.0.1:${port}/mp`]);
    const other = await join2(node.addresses[0]!);
    const echo = node.rcv(node.port(), { ping: (n: number, reply: string) => node.snd(reply, n) });
    expect(await firstValueFrom(other.cal(echo.id, 'ping', 1))).toEqual([1]);
    for (const path of ['/', '/mp']) expect(await page(port, path)).toEqual({ status: 200, body: 'a page' });
  });

  it('has an address as soon as the server listens, and others are told', async () => {
    const seed = await createNode({ nodeid: 'seed', binds: ['127.0.0.1:0'], secret, log: recordedLog(), global: true, relay: false });
    open.push(seed);
    const server = pages();
    const { node, log } = await attached(server, { seeds: [...seed.addresses] });
    const { addresses } = node;
    expect(addresses).toEqual([]);
    await firstValueFrom(node.connections$);
    const third = await join2(seed.addresses[0]!, { nodeid: 'third' });
    const port = await listen(server);
    expect(addresses).toEqual([`ws://127.0.0.1:${port}/mp`]);
    // whom it is not connected with yet: the database says where it is
    expect(third.nodeIsUp('hub')).not.toBe(true);
    await expect.poll(() => {
      third.snd('hub', 'hello');
      return third.nodeIsUp('hub');
    }).toBe(true);
    expect(warnings(log)).toEqual([]);
    // and not any more when it is closed
    await third.close();
    server.close();
    await expect.poll(() => addresses).toEqual([]);
    const fourth = await join2(seed.addresses[0]!, { nodeid: 'fourth' });
    const dead = firstValueFrom(fourth.mon('hub#nobody'));
    expect(await dead).toEqual(['transport_error', 'hub', 'cannot connect to via:seed#hub: seed: it passes nothing on (relay: false)']);
  });

  it('takes only what is for its path: another WebSocket server has its own', async () => {
    const server = pages();
    const chat = new WebSocketServer({ noServer: true });
    server.on('upgrade', (asked: IncomingMessage, stream: Stream, head: Buffer) => {
      if (asked.url === '/chat') chat.handleUpgrade(asked, stream, head, (ws) => { ws.send('welcome to the chat'); });
    });
    const port = await listen(server);
    const { node } = await attached(server);
    const late = new WebSocketServer({ noServer: true });
    server.on('upgrade', (asked: IncomingMessage, stream: Stream, head: Buffer) => {
      if (asked.url === '/late') late.handleUpgrade(asked, stream, head, (ws) => { ws.send('better late'); });
    });
    for (const [path, text] of [['chat', 'welcome to the chat'], ['late', 'better late']] as const) {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
      open.push({ close: () => { ws.terminate(); } });
      const [data] = (await once(ws, 'message')) as [Buffer];
      expect(data.toString()).toBe(text);
    }
    await join2(node.addresses[0]!);
    expect(await visit(`ws://127.0.0.1:${port}/mp?token=1`)).toBe('open');
    // theirs to answer: they may take their time
    const silent = visit(`ws://127.0.0.1:${port}/nobody`);
    expect(await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, 300, 'left alone'))])).toBe('left alone');
  });

  it('two nodes have two paths, and what nobody serves gets 404, once', async () => {
    const server = pages();
    const port = await listen(server);
    const { node: first } = await attached(server);
    const { node: second } = await attached(server, { nodeid: 'second', binds: ['ws://server/other/mp'] });
    expect(second.addresses).toEqual([`ws://127.0.0.1:${port}/other/mp`]);
    const visitor = await join2(first.addresses[0]!);
    expect(visitor.upNodes()).toContain('hub');
    const other = await join2(second.addresses[0]!);
    expect(other.upNodes()).toContain('second');
    for (const path of ['/', '/mp/', '/mp2', '/other']) expect([path, await visit(`ws://127.0.0.1:${port}${path}`)]).toEqual([path, '404']);
    await first.close();
    expect(await visit(`ws://127.0.0.1:${port}/mp`)).toBe('404');
    expect(await visit(`ws://127.0.0.1:${port}/other/mp`)).toBe('open');
  });

  it('nodes of another copy of rxmp are nodes too', async () => {
    const server = pages();
    const port = await listen(server);
    const answered: string[] = [];
    const copy = (_request: IncomingMessage, stream: Stream): void => { answered.push('by the copy'); stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n'); };
    server.on('upgrade', Object.assign(copy, { [Symbol.for('rxmp.path')]: '/copy' }));
    await attached(server);
    expect(await visit(`ws://127.0.0.1:${port}/nobody`)).toBe('404');
    expect(answered).toEqual(['by the copy']);
  });

  it('a path can be had once', async () => {
    const server = pages();
    await listen(server);
    const { node } = await attached(server);
    await expect(attached(server)).rejects.toThrow('cannot listen on ws://server/mp: another node of this program has that path of the server');
    expect(server.listenerCount('upgrade')).toBe(1);
    await node.close();
    await attached(server);
  });

  it('says so when another listener answers its requests, as a WebSocketServer with a path does', async () => {
    const server = pages();
    const port = await listen(server);
    const { log } = await attached(server);
    const other = new WebSocketServer({ server, path: '/chat' });
    open.push(other);
    expect(await visit(`ws://127.0.0.1:${port}/mp`)).toBe('400');
    expect(warnings(log)).toEqual([
      'error ws://server/mp could not accept a connection: another listener of the server\'s event "upgrade" has answered a request for /mp: it should leave alone what is for others, as with the option noServer of ws',
    ]);
  });
});

describe('G11: the end of a node on a server', () => {
  it('leaves the server, its pages, its other connections and its listeners as they were', async () => {
    const server = pages();
    const chat = new WebSocketServer({ noServer: true });
    server.on('upgrade', (asked: IncomingMessage, stream: Stream, head: Buffer) => {
      if (asked.url === '/chat') chat.handleUpgrade(asked, stream, head, (ws) => { ws.on('message', (data) => { ws.send(data); }); });
    });
    const port = await listen(server);
    const before = { names: server.eventNames(), counts: server.eventNames().map((name) => server.listenerCount(name)), most: server.maxConnections };
    const { node } = await attached(server);
    expect(server.maxConnections).toBe(before.most);
    const chatting = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    open.push({ close: () => { chatting.terminate(); } });
    await once(chatting, 'open');
    const peer = await join2(node.addresses[0]!);
    const lost = firstValueFrom(peer.monNodes());
    await node.close();
    expect(await lost).toMatchObject({ node: 'hub', up: false });
    chatting.send('still there?');
    const [answer] = (await once(chatting, 'message')) as [Buffer];
    expect(answer.toString()).toBe('still there?');
    expect(await page(port)).toEqual({ status: 200, body: 'a page' });
    expect(server.listening).toBe(true);
    expect({ names: server.eventNames(), counts: server.eventNames().map((name) => server.listenerCount(name)), most: server.maxConnections }).toEqual(before);
  });

  it('without other listeners a request for a WebSocket is a page again, as before', async () => {
    const server = pages();
    const port = await listen(server);
    const { node } = await attached(server);
    await node.close();
    expect(await visit(`ws://127.0.0.1:${port}/mp`)).toBe('200');
  });

  it('the server may be closed first: the node says so, once, has no address, and its connections stay', async () => {
    const server = pages();
    await listen(server);
    const { node, log } = await attached(server);
    const peer = await join2(node.addresses[0]!);
    let closed = false;
    server.close(() => (closed = true));
    const echo = node.rcv(node.port(), { ping: (reply: string) => node.snd(reply, 'pong') });
    expect(await firstValueFrom(peer.cal(echo.id, 'ping'))).toEqual(['pong']);
    expect([closed, warnings(log)]).toEqual([false, []]);
    await peer.close();
    await expect.poll(() => closed).toBe(true);
    expect(warnings(log)).toEqual(['warn ws://server/mp does not listen any more: what it listened on was closed']);
    expect([node.addresses, server.listenerCount('upgrade')]).toEqual([[], 0]);
    await node.close();
    expect(warnings(log)).toHaveLength(1);
  });

  it('node first, then server, waits for nothing and warns of nothing', async () => {
    const server = pages();
    await listen(server);
    const { node, log } = await attached(server);
    await join2(node.addresses[0]!);
    await node.close();
    server.close();
    await once(server, 'close');
    expect(warnings(log)).toEqual([]);
  });

  it('both at the same time is fine too', async () => {
    const server = pages();
    await listen(server);
    const { node, log } = await attached(server);
    await join2(node.addresses[0]!);
    server.close();
    await Promise.all([once(server, 'close'), node.close()]);
    expect(warnings(log)).toEqual([]);
  });

  it('a server that never listens is no reason not to close', async () => {
    const server = pages();
    const before = server.listenerCount('listening');
    const { node, log } = await attached(server);
    await node.close();
    expect([server.listenerCount('upgrade'), server.listenerCount('listening'), warnings(log)]).toEqual([0, before, []]);
  });

  it('a request that is taken when the node is closed gets an answer', async () => {
    const server = pages();
    const port = await listen(server);
    const { node } = await attached(server);
    server.prependListener('upgrade', () => void node.close());
    expect(await visit(`ws://127.0.0.1:${port}/mp`)).toBe('404');
  });
});

describe('G11: who may come in at a server', () => {
  const limited = async (limits: Partial<Limits>, ws: WebSocketOptions = {}): Promise<Attached & { readonly url: string; readonly port: number }> => {
    const server = pages();
    const port = await listen(server);
    return { ...(await attached(server, { limits, ws })), port, url: `ws://127.0.0.1:${port}/mp` };
  };

  it('pages of the same host, and of those that `origins` names', async () => {
    const { url, log, port } = await limited({});
    expect(await visit(url, { Origin: `http://127.0.0.1:${port}` })).toBe('open');
    expect(await visit(url, { Origin: 'https://evil.example' })).toBe('403');
    expect(warnings(log)).toEqual([expect.stringMatching(/^warn refused a page of "https:\/\/evil.example" from 127\.0\.0\.1:\d+, which asked for the host "127\.0\.0\.1:\d+": to let it in/)]);
    const listed = await limited({}, { origins: ['https://chat.example'] });
    expect(await visit(listed.url, { Origin: 'https://chat.example' })).toBe('open');
    expect(await visit(listed.url, { Origin: `http://127.0.0.1:${listed.port}` })).toBe('403');
  });

  it('behind a trusted proxy its headers count: the host, and the visitor for the limits', async () => {
    const { url, log } = await limited({ addressHandshakes: 2, handshakeTime: 60_000 }, { trustProxy: ['127.0.0.1'] });
    const from = (address: string): Promise<string> => visit(url, { Origin: 'https://chat.example', 'X-Forwarded-Host': 'chat.example', 'X-Forwarded-For': address });
    expect([await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.8')]).toEqual(['open', 'open', '429', 'open']);
    expect(warnings(log)).toEqual(['warn refused 203.0.113.7: 2 connections of 203.0.113.7 are in their handshake (limits.addressHandshakes)']);
  });

  it('limits of one address hold, and only for WebSockets of the node', async () => {
    const { url, port } = await limited({ addressHandshakes: 2, handshakeTime: 60_000 });
    const visits = [];
    for (let n = 0; n < 4; n++) visits.push(await visit(url));
    expect(visits.map((answer) => answer === 'open')).toEqual([true, true, false, false]);
    for (let n = 0; n < 5; n++) expect(await page(port)).toMatchObject({ status: 200 });
  });

  it('limits.connections counts the connections of the node, not those of the server', async () => {
    const { url, port, log } = await limited({ connections: 2, handshakeTime: 60_000 });
    const idle = Array.from({ length: 5 }, () => connect({ port, host: '127.0.0.1' }));
    for (const socket of idle) open.push({ close: () => socket.destroy() });
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const first = await join2(url);
    const second = await join2(url);
    expect(await visit(url)).not.toBe('open');
    expect(warnings(log)).toEqual([expect.stringContaining('the listener has as many connections as it may hold (limits.connections')]);
    await second.close();
    await expect.poll(() => visit(url)).toBe('open');
    expect(first.upNodes()).toContain('hub');
  });

  it('who does not go on has handshakeTime', async () => {
    const { url } = await limited({ handshakeTime: 100 });
    let gone = false;
    expect(await visit(url, {}, () => (gone = true))).toBe('open');
    await expect.poll(() => gone).toBe(true);
  });

  it('who wants something that is no WebSocket gets an answer', async () => {
    const { port, node } = await limited({});
    const socket = connect({ port, host: '127.0.0.1' });
    open.push({ close: () => socket.destroy() });
    socket.write('GET /mp HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: tea\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    await join2(node.addresses[0]!);
  });
});

describe('G11: servers with TLS', () => {
  it('are wss://, and their connections are secure', async () => {
    const cert = await certificate({ hosts: ['127.0.0.1'] });
    const server = pages(createSecureServer({ key: cert, cert }));
    const port = await listen(server);
    const { node } = await attached(server, { binds: ['wss://server/mp'] });
    expect(node.addresses).toEqual([`wss://127.0.0.1:${port}/mp`]);
    const here = firstValueFrom(node.connections$);
    const peer = await join2(node.addresses[0]!, { tls: { ca: cert } });
    expect([(await here).secure, (await firstValueFrom(peer.connections$)).secure]).toEqual([true, true]);
    await expect(attached(server)).rejects.toThrow('cannot listen on ws://server/mp: with the option "server", which has the host and the port, expected wss://server/<path>');
  });
});

describe('G11: binds and options', () => {
  it.each([
    ['ws://127.0.0.1:8080/mp'],
    ['ws://server:8080/mp'],
    ['ws://server'],
    ['ws://*/mp'],
    ['wss://server/mp'],
  ])('a bind names a path of the server, and no more: %s', async (bind) => {
    const server = pages();
    await expect(attached(server, { binds: [bind] })).rejects.toThrow(
      expect.objectContaining({ code: 'BAD_ADDRESS', message: `cannot listen on ${bind}: with the option "server", which has the host and the port, expected ws://server/<path>` }),
    );
    expect(server.eventNames()).not.toContain('upgrade');
  });

  it('what is no server is refused, with what would be right', async () => {
    const app = Object.assign(() => undefined, { on: () => undefined, listening: false, address: () => null });
    await expect(createNode({ binds: ['ws://server/mp'], secret, log: recordedLog(), transports: [webSocketTransport({ server: app })] })).rejects.toThrow(
      new TypeError('the option "server" is no server of node:http or node:https: expected what app.listen() of Express gives, fastify.server, or app.getHttpServer() of Nest'),
    );
  });

  it('the PROXY protocol needs a listener of our own', () => {
    expect(() => webSocketTransport({ server: createServer(), proxyProtocol: true, trustProxy: true })).toThrow(
      new TypeError('the options "proxyProtocol" and "server" exclude each other: what begins a connection is read by that server'),
    );
  });

  it('a server on a socket of the file system is not for nodes, and is left alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rxmp-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    const server = pages();
    const { node, log } = await attached(server);
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    expect([node.addresses, server.listenerCount('upgrade')]).toEqual([[], 0]);
    expect(warnings(log)).toEqual([
      'error ws://server/mp does not listen any more: cannot listen on ws://server/mp: its server listens on a socket of the file system, whose visitors have no addresses: expected one that listens on a port',
    ]);
    await node.close();
  });

  it('a server that listens off loopback is warned of when it begins to', async () => {
    const server = pages();
    const { node, log } = await attached(server);
    expect(warnings(log)).toEqual([]);
    await new Promise<void>((resolve) => server.listen(0, resolve));
    if (node.addresses.every((address) => address.includes('127.0.0.1'))) return;
    expect(warnings(log)).toEqual([expect.stringContaining('messages travel in clear off this machine')]);
  });

  it('a connection has the origin of the page that has made it, and a program has none', async () => {
    const server = pages();
    const port = await listen(server);
    const origins: unknown[] = [];
    const listening = webSocketTransport({ server, origins: ['https://chat.example'] })
      .listen({ scheme: 'ws', host: 'server', port: 80, path: '/mp', text: 'ws://server/mp' })
      .subscribe((event) => { if (event.kind === 'connection') origins.push(event.duplex.origin); });
    open.push({ close: () => { listening.unsubscribe(); } });
    await expect.poll(() => server.listenerCount('upgrade')).toBe(1);
    for (const headers of [{ Origin: 'https://chat.example' }, {}]) expect(await visit(`ws://127.0.0.1:${port}/mp`, headers)).toBe('open');
    expect(origins).toEqual(['https://chat.example', undefined]);
  });

  it('a transport completes when its server is closed', async () => {
    const server = pages();
    await listen(server);
    const transport: Transport = webSocketTransport({ server });
    let ended = false;
    transport.listen({ scheme: 'ws', host: 'server', port: 80, path: '/mp', text: 'ws://server/mp' }).subscribe({ complete: () => (ended = true) });
    await expect.poll(() => server.listenerCount('upgrade')).toBe(1);
    server.close();
    await expect.poll(() => ended).toBe(true);
  });
});
