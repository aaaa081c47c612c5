import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { realClock } from '../../../src/env/clock.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import {
  connectTo,
  openBench,
  record,
  waitsOn,
  type TransportUnderTest,
} from '../../../src/testing/compliance-tools.js';
import { parseAddress } from '../../../src/transport/address.js';
import { originAllowed } from '../../../src/transport/origin.js';
import { webSocketTransport } from '../../../src/transport/websocket.js';
import { BadAddress } from '../../../src/wire/errors.js';

const waits = waitsOn(realClock, 5_000);
const onWs = (transport = webSocketTransport(), bind = 'ws://127.0.0.1:0'): TransportUnderTest => ({
  transport,
  bind,
  address: (listening) => listening,
  close: () => Promise.resolve(),
});
const get = (url: string, headers: Record<string, string> = {}): Promise<IncomingMessage & { body: string }> =>
  new Promise((resolve, reject) => {
    request(url.replace(/^ws:/, 'http:'), { headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () => {
        resolve(Object.assign(response, { body }));
      });
    })
      .on('error', reject)
      .end();
  });

transportCompliance('websocket', () => Promise.resolve(onWs()), { describe, it });
transportCompliance('websocket with a path', () => Promise.resolve(onWs(undefined, 'ws://127.0.0.1:0/mp')), {
  describe,
  it,
});

describe('webSocketTransport', () => {
  it('sends one text frame per string and one binary frame per Uint8Array', async () => {
    const bench = await openBench(onWs(), waits);
    const { client, server } = await bench.connect();
    const chunks: unknown[] = [];
    record(server, (chunk) => chunks.push(typeof chunk === 'string' ? chunk : [...chunk]));
    client.write('zwölf');
    client.write(Uint8Array.of(0, 255));
    client.write('');
    client.write(new Uint8Array());
    client.write('last');
    await waits.until('five frames', () => chunks.length === 5);
    expect(chunks).toEqual(['zwölf', [0, 255], '', [], 'last']);
    bench.close();
  });

  it('does not lose a frame that comes along with the upgrade', async () => {
    // the listener writes in the moment of the connection, so that the frame follows the 101 answer in one packet
    const transport = webSocketTransport();
    const address = parseAddress('ws://127.0.0.1:0');
    let url = '';
    const listening = transport.listen(address).subscribe((event) => {
      if (event.kind === 'listening') url = event.addresses[0] ?? '';
      else event.duplex.write('at once');
    });
    await waits.until('listening', () => url !== '');
    const client = await connectTo(transport, url, waits);
    await waits.pause(30);
    const received = record(client);
    await waits.until('the frame', () => received.text() === 'at once');
    client.close();
    listening.unsubscribe();
  });

  it('answers a plain HTTP request with 426 and one line', async () => {
    const bench = await openBench(onWs(), waits);
    const response = await get(bench.address);
    expect(response.statusCode).toBe(426);
    expect(response.body).toBe('This is a WebSocket address: connect with ws://\n');
    bench.close();
  });

  it('serves the path of the bind only, whatever the query', async () => {
    const bench = await openBench(onWs(undefined, 'ws://127.0.0.1:0/mp'), waits);
    expect(bench.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/mp$/);
    const elsewhere = bench.address.replace('/mp', '/other');
    await expect(connectTo(webSocketTransport(), elsewhere, waits)).rejects.toThrow(
      `cannot connect to ${elsewhere}: the server answered HTTP 404 instead of opening a WebSocket`,
    );
    expect((await get(elsewhere)).statusCode).toBe(404);
    expect((await get(bench.address)).statusCode).toBe(426);
    const client = await connectTo(webSocketTransport(), `${bench.address}?token=1`, waits);
    client.close();
    bench.close();
  });

  it('refuses a foreign Origin with 403 and lets its own in', async () => {
    const bench = await openBench(onWs(), waits);
    const opened = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const ws = new WebSocket(bench.address, { origin });
        ws.on('open', () => {
          resolve('open');
          ws.terminate();
        });
        ws.on('error', (error) => {
          resolve(error.message);
        });
      });
    expect(await opened('https://evil.example')).toBe('Unexpected server response: 403');
    expect(await opened(bench.address.replace('ws:', 'http:'))).toBe('open');
    expect(bench.accepted).toHaveLength(1);
    bench.close();
  });

  it('ends a connection whose frame is longer than maxPayload, with an error, and no other', async () => {
    const bench = await openBench(onWs(webSocketTransport({ maxPayload: 1_000 })), waits);
    const bad = await bench.connect();
    const good = await bench.connect();
    const [atServer, atClient, atGood] = [record(bad.server), record(bad.client), record(good.server)];
    good.client.write('x'.repeat(1_000));
    bad.client.write('x'.repeat(1_001));
    await waits.until('both ends of the bad one', () => atServer.ends() + atClient.ends() === 2);
    expect(String(atServer.error())).toContain('Max payload size exceeded');
    expect(String(atClient.error())).toContain('closed with code 1009');
    await waits.until('the good one', () => atGood.length() === 1_000);
    expect(atGood.ends()).toBe(0);
    bench.close();
  });

  it('breaks a connection off that sends too much while it is limited, though no frame is whole, and lets it send once that is lifted', async () => {
    const bench = await openBench(onWs(), waits);
    const [first, second] = [await bench.connect(), await bench.connect()];
    const lifts = [first, second].map(({ server }) => server.limit?.(100_000));
    const errors: string[] = [];
    first.server.incoming$.subscribe({ error: (error: unknown) => errors.push(String(error)) });
    first.client.write(new Uint8Array(50_000_000));
    await waits.until('the end of the first', () => errors.length > 0);
    expect(errors[0]).toContain('more than 100000 octets');
    const lengths: number[] = [];
    record(second.server, (chunk) => lengths.push(chunk.length));
    second.client.write(new Uint8Array(90_000));
    await waits.until('what is within the limit', () => lengths.length === 1);
    lifts[1]?.();
    second.client.write(new Uint8Array(1_000_000));
    await waits.until('what comes later', () => lengths.length === 2);
    expect(lengths).toEqual([90_000, 1_000_000]);
    bench.close();
  });

  it('errors when the connection breaks without a close frame', async () => {
    const bench = await openBench(onWs(), waits);
    const { client, server } = await bench.connect();
    const received = record(client);
    server.close(new Error('enough'));
    await waits.until('the end', () => received.ends() === 1);
    expect(String(received.error())).toContain('(1006)');
    bench.close();
  });

  it('can not listen on wss without a certificate, and says what to do', async () => {
    await expect(openBench(onWs(undefined, 'wss://127.0.0.1:0'), waits)).rejects.toThrow(BadAddress);
    await expect(openBench(onWs(undefined, 'wss://127.0.0.1:0'), waits)).rejects.toThrow(
      'cannot listen on wss://127.0.0.1:0: wss needs a certificate: give the option "tls" or "cert", or listen on ws:// behind a TLS proxy',
    );
  });

  it('aborts a handshake that hangs when connect is unsubscribed from', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined).resume()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const events: unknown[] = [];
    const pending = webSocketTransport()
      .connect(parseAddress(`ws://127.0.0.1:${port}`))
      .subscribe({ next: (duplex) => events.push(duplex), error: (error: unknown) => events.push(error) });
    await waits.until('the request', () => sockets.length === 1);
    pending.unsubscribe();
    await waits.until('the socket to close', () => sockets[0]?.destroyed === true);
    expect(events).toEqual([]);
    silent.close();
  });

  it('terminates a closed connection that the other end never finishes, after the grace period', async () => {
    const bench = await openBench(onWs(webSocketTransport({ closeTime: 60 })), waits);
    // a client that opens a WebSocket and then neither answers the close frame nor ends its side
    const { hostname, port } = new URL(bench.address);
    const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let ended = false;
    client.resume().on('end', () => (ended = true));
    const key = 'AAAAAAAAAAAAAAAAAAAAAA==';
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`];
    client.write(['GET / HTTP/1.1', `Host: ${hostname}:${port}`, ...upgrade, '', ''].join('\r\n'));
    await waits.until('the connection', () => bench.accepted.length === 1);
    const closed = realClock.now();
    bench.accepted[0]?.close();
    await waits.until('the end of the socket', () => ended);
    expect(realClock.now() - closed).toBeGreaterThanOrEqual(55);
    client.destroy();
    bench.close();
  });
});

describe('originAllowed', () => {
  it.each([
    [undefined, 'a.example', undefined, true],
    ['https://a.example', 'a.example', undefined, true],
    ['http://a.example', 'a.example:80', undefined, true],
    ['http://A.example:8080', 'a.example:8080', undefined, true],
    ['https://a.example:8443', 'a.example', undefined, false],
    ['https://evil.example', 'a.example', undefined, false],
    ['null', 'a.example', undefined, false],
    ['file://', 'a.example', undefined, false],
    ['https://a.example', undefined, undefined, false],
    ['https://a.example', 'a.example', [], false],
    ['https://chat.example', 'a.example', ['https://chat.example'], true],
    ['https://chat.example.evil.example', 'a.example', ['https://chat.example'], false],
    ['https://evil.example', 'a.example', ['*'], true],
  ])('Origin %s at host %s with list %s: %s', (origin, host, list, allowed) => {
    expect(originAllowed(origin, host, list)).toBe(allowed);
  });
});
