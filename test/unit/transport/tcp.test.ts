import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
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
import { TransportError } from '../../../src/transport/failure.js';
import { tcpTransport } from '../../../src/transport/tcp.js';

const waits = waitsOn(realClock, 5_000);
const onTcp = (bind: string, transport = tcpTransport()): TransportUnderTest => ({
  transport,
  bind,
  address: (listening) => listening,
  close: () => Promise.resolve(),
});
const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1'));

transportCompliance('tcp', () => Promise.resolve(onTcp('127.0.0.1:0')), { describe, it });

describe('tcpTransport', () => {
  it.runIf(hasIPv6)('listens and connects on IPv6', async () => {
    const bench = await openBench(onTcp('[::1]:0'), waits);
    expect(bench.address).toMatch(/^\[::1\]:\d+$/);
    const { client, server } = await bench.connect();
    expect(client.remoteAddress).toBe(bench.address);
    expect(server.remoteAddress).toMatch(/^\[::1\]:\d+$/);
    bench.close();
  });

  it('listens on every interface for "*", loopback included, and reports real addresses', async () => {
    const bench = await openBench(onTcp('*'), waits);
    expect(bench.address).toMatch(/^[^*]+:[1-9]\d*$/);
    const port = bench.address.replace(/.*:/, '');
    const client = await connectTo(tcpTransport(), `127.0.0.1:${port}`, waits);
    await waits.until('the connection', () => bench.accepted.length === 1);
    expect(bench.accepted[0]?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    client.close();
    bench.close();
  });

  it('says in words why it cannot listen', async () => {
    const bench = await openBench(onTcp('127.0.0.1:0'), waits);
    await expect(openBench(onTcp(bench.address), waits)).rejects.toThrow(
      new TransportError(`cannot listen on ${bench.address}: address already in use (EADDRINUSE)`),
    );
    await expect(openBench(onTcp('192.0.2.1:0'), waits)).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: not an address of this machine (EADDRNOTAVAIL)',
    );
    bench.close();
  });

  it('says in words why it cannot connect', async () => {
    const bench = await openBench(onTcp('127.0.0.1:0'), waits);
    bench.unlisten();
    await expect(connectTo(tcpTransport(), bench.address, waits)).rejects.toThrow(
      `cannot connect to ${bench.address}: connection refused (ECONNREFUSED)`,
    );
  });

  it('errors in words when the other end resets', async () => {
    const bench = await openBench(onTcp('127.0.0.1:0'), waits);
    const { client, server } = await bench.connect();
    const received = record(client);
    server.close(new Error('enough'));
    await waits.until('the end', () => received.ends() === 1);
    expect(received.error()).toBeInstanceOf(TransportError);
    expect(String(received.error())).toContain(
      `connection with ${bench.address} failed: reset by the other end (ECONNRESET)`,
    );
    bench.close();
  });

  it('notices a reset that came before the subscription', async () => {
    const bench = await openBench(onTcp('127.0.0.1:0'), waits);
    const { client, server } = await bench.connect();
    client.close(new Error('enough'));
    await waits.pause(50);
    const late = record(server);
    await waits.until('the end', () => late.ends() === 1);
    expect(late.error()).toBeInstanceOf(TransportError);
    bench.close();
  });

  it('destroys a closed connection that the other end never finishes, after the grace period', async () => {
    const server = createServer({ allowHalfOpen: true });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket.on('error', () => undefined).resume()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = await connectTo(tcpTransport({ closeTime: 60 }), `127.0.0.1:${port}`, waits);
    client.close();
    const closed = realClock.now();
    await waits.until('FIN', () => sockets[0]?.readableEnded === true);
    // the half-open peer finds out by writing to a socket that is gone
    await waits.until('the socket to be destroyed', () => {
      sockets[0]?.write('x');
      return sockets[0]?.destroyed === true;
    });
    expect(realClock.now() - closed).toBeGreaterThanOrEqual(55);
    server.close();
  });

  it('finishes too when the other end has finished, after sending what was written', async () => {
    const bench = await openBench(onTcp('127.0.0.1:0'), waits);
    const { port } = new URL(`tcp://${bench.address}`);
    const raw = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    let got = '';
    let ended = false;
    raw.on('data', (data) => (got += data.toString())).on('end', () => (ended = true));
    raw.end('question');
    await waits.until('the connection', () => bench.accepted.length === 1);
    const server = bench.accepted[0];
    if (server === undefined) throw new Error('no connection');
    server.write('answer');
    const received = record(server);
    await waits.until('the end', () => ended && received.ends() === 1);
    expect([received.text(), got]).toEqual(['question', 'answer']);
    bench.close();
  });

  it('frees the address also when a host name is still being looked up', async () => {
    let events = 0;
    tcpTransport().listen(parseAddress('localhost:0')).subscribe(() => (events += 1)).unsubscribe();
    await waits.pause(50);
    expect(events).toBe(0);
    expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
  });
});
