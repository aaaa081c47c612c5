import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import { connectTo, openBench, waitsOn, type TransportUnderTest } from '../../../src/testing/compliance-tools.js';
import { webSocketTransport } from '../../../src/transport/websocket.js';
import { certificate, credentials } from '../../fixtures/certificates.js';

const waits = waitsOn(realClock, 5_000);
const ca = await certificate({ name: 'ca' });
const tls = credentials({ cert: await certificate({ issuer: ca, hosts: ['127.0.0.1', 'hub.example'] }), ca });
const onWss = (transport = webSocketTransport({ tls })): TransportUnderTest => ({
  transport,
  bind: 'wss://127.0.0.1:0/mp',
  address: (listening) => listening,
  close: () => Promise.resolve(),
});

transportCompliance('websocket in TLS', () => Promise.resolve(onWss()), { describe, it });

describe('wss://', () => {
  it('says in its addresses and duplexes that it is in TLS', async () => {
    const bench = await openBench(onWss(), waits);
    expect(bench.address).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/mp$/);
    const { client, server } = await bench.connect();
    expect([client.secure, server.secure]).toEqual([true, true]);
    bench.close();
  });

  it('connects without a certificate, by a CA alone; not without that CA', async () => {
    const bench = await openBench(onWss(), waits);
    const knowing = webSocketTransport({ tls: { own: undefined, ca: tls.ca } });
    (await connectTo(knowing, bench.address, waits)).close();
    await expect(connectTo(webSocketTransport(), bench.address, waits)).rejects.toThrow(
      new RegExp(`cannot connect to ${bench.address}: .*certificate`),
    );
    bench.close();
  });

  it('refuses a certificate for another host', async () => {
    const other = credentials({ cert: await certificate({ issuer: ca, hosts: ['hub.example'] }), ca });
    const bench = await openBench(onWss(webSocketTransport({ tls: other })), waits);
    await expect(connectTo(webSocketTransport({ tls }), bench.address, waits)).rejects.toThrow(/127\.0\.0\.1.*not in the cert|altnames/i);
    bench.close();
  });

  it('takes no harm of connections that break while they wait for their handshake', async () => {
    const bench = await openBench(onWss(), waits);
    const failures: unknown[] = [];
    const failed = (error: unknown): void => { failures.push(error); };
    process.on('uncaughtException', failed);
    try {
      const sockets = Array.from({ length: 60 }, () => connect({ host: '127.0.0.1', port: Number(new URL(bench.address).port) }));
      let broken = 0;
      for (const socket of sockets) socket.on('error', () => undefined).on('close', () => broken++).on('connect', () => socket.write('x'));
      // most of them wait: handshakes begin 5 ms apart
      await waits.pause(50);
      for (const socket of sockets) socket.resetAndDestroy();
      await waits.until('all to be gone', () => broken === sockets.length);
      await bench.connect();
      expect(failures).toEqual([]);
    } finally {
      process.off('uncaughtException', failed);
      bench.close();
    }
  });

  it('ends a connection that does not speak TLS, and goes on', async () => {
    const bench = await openBench(onWss(), waits);
    const plain = connect({ host: '127.0.0.1', port: Number(new URL(bench.address).port) });
    let ended = false;
    plain.on('close', () => (ended = true)).on('error', () => undefined).resume();
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await waits.until('the end', () => ended);
    await bench.connect();
    bench.close();
  });
});
