import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import { Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/transport/address.js';
import { createDoor } from '../../../src/transport/door.js';
import type { Duplex, ListenEvent, Reception, Transport, Visit } from '../../../src/transport/duplex.js';
import { serve, tcpTransport } from '../../../src/transport/tcp.js';
import { webSocketTransport } from '../../../src/transport/websocket.js';

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A server that does what the test says. */
function build(bind = '127.0.0.1:4711', reception?: Reception) {
  const calls: unknown[] = [];
  const server = Object.assign(new EventEmitter(), {
    listening: false,
    listen: (options: unknown) => { calls.push(options); },
    close: () => { calls.push('close'); },
    address: () => ({ address: '127.0.0.1', port: 4711 }),
  });
  const told: unknown[] = [];
  const listening = new Observable<ListenEvent>((subscriber) => {
    serve(server as unknown as Server, parseAddress(bind), (hostPort) => `form of ${hostPort}`, subscriber, reception);
  }).subscribe({ next: (event) => told.push(event), error: (error: unknown) => told.push(String(error)) });
  return { server, calls, told, listening };
}

describe('a server', () => {
  it.each([
    ['127.0.0.1:4711', { host: '127.0.0.1', port: 4711 }],
    ['*:0', { port: 0 }],
  ])('listens at %s, tells its addresses, and is closed at the end', (bind, options) => {
    const { server, calls, told, listening } = build(bind);
    expect(calls).toEqual([options]);
    expect(told).toEqual([]);
    server.emit('listening');
    expect(told).toEqual([{ kind: 'listening', addresses: ['form of 127.0.0.1:4711'] }]);
    listening.unsubscribe();
    expect(calls.slice(1)).toEqual(['close']);
  });

  it('that listens only when nobody wants it any more is closed again, and tells nothing', () => {
    const { server, calls, told, listening } = build();
    listening.unsubscribe();
    server.emit('listening');
    expect([calls.slice(1), told]).toEqual([['close', 'close'], []]);
  });

  it('that can not listen says why; once it listens, a connection that it missed is no reason to stop', () => {
    const missed: unknown[] = [];
    const reception: Reception = { connections: 1, enter: () => undefined, failed: () => undefined, missed: (cause) => missed.push(cause) };
    const full = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
    const before = build(undefined, reception);
    before.server.emit('error', full);
    expect([before.told, missed]).toEqual([['TransportError: cannot listen on 127.0.0.1:4711: accept EMFILE'], []]);
    for (const [given, count] of [[reception, 1], [undefined, 1]] as const) {
      const after = build(undefined, given);
      after.server.listening = true;
      after.server.emit('error', full);
      expect([after.told, missed.length]).toEqual([[], count]);
    }
    expect(missed).toEqual([full]);
  });
});

describe('a door', () => {
  it('lets its server hold what the reception allows, and a few more, from when it listens', () => {
    const server = Object.assign(new EventEmitter(), { maxConnections: 0 });
    createDoor(server as unknown as Server, { connections: 3, enter: () => undefined, failed: () => undefined, missed: () => undefined });
    expect(server.maxConnections).toBe(0);
    server.emit('listening');
    expect(server.maxConnections).toBe(3 + 16);
    const other = Object.assign(new EventEmitter(), { maxConnections: 0 });
    createDoor(other as unknown as Server, undefined);
    other.emit('listening');
    const shared = other.maxConnections;
    expect(shared).toBeGreaterThan(16);
    server.emit('close');
    // what the first one has left is there for the other
    if (shared !== Infinity) expect(other.maxConnections).toBeGreaterThan(shared);
    other.emit('close');
  });

  it('knows whom a proxy brings by his own address, and closes the socket only if it has to make room', () => {
    const visits: Visit[] = [];
    let destroyed = 0;
    const server = new EventEmitter() as unknown as Server;
    const leave = (): void => undefined;
    const door = createDoor(server, { connections: 3, enter: (visit) => { visits.push(visit); return visits.length > 1 ? undefined : leave; }, failed: () => undefined, missed: () => undefined });
    const socket = { destroy: () => { destroyed++; return socket; } } as unknown as Socket;
    expect(door.enterBehind(socket, '203.0.113.7')).toBe(leave);
    expect(door.enterBehind(socket, '203.0.113.7')).toBeUndefined();
    expect(visits[0]).toMatchObject({ remoteAddress: '203.0.113.7', isProxy: false, isCrowded: false });
    expect(destroyed).toBe(0);
    visits[0]?.evict();
    expect(destroyed).toBe(1);
    expect(createDoor(server, undefined).enterBehind(socket, '203.0.113.7')).toEqual(expect.any(Function));
  });
});

/** Listens on a real socket. */
async function listen(transport: Transport, bind: string, reception?: Reception) {
  const connections: Duplex[] = [];
  const leaves: unknown[] = [];
  let told: (address: string) => void = () => undefined;
  const address = new Promise<string>((resolve) => (told = resolve));
  const listening = transport.listen(parseAddress(bind), reception).subscribe((event) => {
    if (event.kind === 'listening') told(event.addresses[0] ?? '');
    else { connections.push(event.duplex); leaves.push(event.leave); }
  });
  ended.push(() => {
    listening.unsubscribe();
    for (const one of connections) one.close(new Error('over'));
  });
  const [host = '', port = ''] = (await address).replace('ws://', '').split(/[:/]/);
  return { connections, leaves, listening, host, port: Number(port), url: await address };
}

function call({ host, port }: { readonly host: string; readonly port: number }): Socket {
  const socket = connect({ host, port });
  socket.on('error', () => undefined);
  ended.push(() => socket.destroy());
  return socket;
}

const kinds: readonly [string, () => Transport, string][] = [
  ['tcp', () => tcpTransport(), '127.0.0.1:0'],
  ['ws', () => webSocketTransport(), 'ws://127.0.0.1:0/mp'],
];

describe.each(kinds)('a listener of %s', (_, make, bind) => {
  it('is gone when nobody wants it', async () => {
    const listener = await listen(make(), bind);
    listener.listening.unsubscribe();
    const [cause] = (await once(call(listener), 'error').catch((error: unknown) => [error])) as [{ code: string }];
    expect(cause.code).toBe('ECONNREFUSED');
  });

  it('asks for each who comes, once, closes whom it turns away, and tells when the others go', async () => {
    const visits: Visit[] = [];
    let left = 0;
    const enter = (visit: Visit): (() => void) | undefined => {
      visits.push(visit);
      return visits.length === 1 ? undefined : () => { left++; };
    };
    const listener = await listen(make(), bind, { connections: 10, enter, failed: () => undefined, missed: () => undefined });
    await once(call(listener), 'close');
    const good = call(listener);
    await once(good, 'connect');
    await expect.poll(() => visits.length).toBe(2);
    expect(visits[1]).toMatchObject({ remoteAddress: `127.0.0.1:${good.localPort}`, isProxy: false, isCrowded: false });
    expect(left).toBe(0);
    good.destroy();
    await expect.poll(() => left).toBe(1);
  });
});

/** Asks over HTTP as somebody who wants no WebSocket, or one in another place. */
function ask(url: string, headers: Record<string, string> = {}): Promise<{ status: number | undefined; headers: object; body: string }> {
  return new Promise((resolve, reject) => {
    request(url.replace('ws:', 'http:'), { headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () => { resolve({ status: response.statusCode, headers: response.headers, body }); });
    }).on('error', reject).end();
  });
}

describe('a listener of WebSockets over HTTP', () => {
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  const text = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };

  it('names what it speaks where a WebSocket was wanted, and only there', async () => {
    const { url } = await listen(webSocketTransport(), 'ws://127.0.0.1:0/mp');
    const here = await ask(`${url}?a=b`);
    expect(here).toMatchObject({ status: 426, headers: { ...text, upgrade: 'websocket' }, body: 'This is a WebSocket address: connect with ws://\n' });
    const elsewhere = await ask(url.replace('/mp', '/other'));
    expect(elsewhere).toMatchObject({ status: 404, headers: text, body: 'Nothing is served here\n' });
    expect(elsewhere.headers).not.toHaveProperty('upgrade');
  });

  it('compresses nothing, whoever offers that', async () => {
    const listener = await listen(webSocketTransport(), 'ws://127.0.0.1:0/mp');
    const client = call(listener);
    const headers = { Host: 'here', ...upgrade, 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    client.write(`GET /mp HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer.toString()).not.toMatch(/extensions/i);
  });

  it('without a path serves all', async () => {
    const { url } = await listen(webSocketTransport(), 'ws://127.0.0.1:0');
    expect((await ask(`${url}/any/where`)).status).toBe(426);
  });

  it('answers whom it refuses a WebSocket with a reason, and hangs up', async () => {
    const { url, connections } = await listen(webSocketTransport(), 'ws://127.0.0.1:0/mp');
    const elsewhere = await ask(url.replace('/mp', '/other'), upgrade);
    expect(elsewhere).toMatchObject({ status: 404, headers: { ...text, 'content-length': '23' }, body: 'Nothing is served here\n' });
    const foreign = await ask(url, { ...upgrade, Origin: 'https://evil.example' });
    expect(foreign).toMatchObject({ status: 403, headers: text, body: 'Pages of https://evil.example may not connect here\n' });
    expect(connections).toEqual([]);
  });

  it('hangs up on requests that are under way when it is closed, and not on connections', async () => {
    const listener = await listen(webSocketTransport(), 'ws://127.0.0.1:0/mp');
    const headers = (more: Record<string, string>): string => Object.entries({ Host: 'here', ...more }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const open = call(listener);
    open.write(`GET /mp HTTP/1.1\r\n${headers(upgrade)}\r\n`);
    await expect.poll(() => listener.connections.length).toBe(1);
    const half = call(listener);
    half.write(`GET /mp HTTP/1.1\r\n${headers({})}`);
    await once(half, 'connect');
    // it was taken in when an answer to a later one is there
    await ask(listener.url);
    listener.listening.unsubscribe();
    await once(half, 'close');
    let heard = '';
    open.on('data', (data: Buffer) => (heard += data.toString()));
    listener.connections[0]?.write('still there');
    await expect.poll(() => heard).toContain('still there');
  });
});

describe('times of a transport', () => {
  it.each([
    ['closeTime', -1, (closeTime: number) => tcpTransport({ closeTime })],
    ['closeTime', Number.NaN, (closeTime: number) => webSocketTransport({ closeTime })],
    ['requestTime', -1, (requestTime: number) => webSocketTransport({ requestTime })],
  ])('%s can not be %d', (name, ms, make) => {
    expect(() => make(ms)).toThrow(new RangeError(`${name} is ${ms}: expected milliseconds, 0 or more; Infinity is never`));
    for (const good of [0, 1, Infinity]) expect(make(good).schemes.length).toBeGreaterThan(0);
  });
});
