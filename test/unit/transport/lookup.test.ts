import dns from 'node:dns';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { connectTo, openBench, waitsOn } from '../../../src/testing/compliance-tools.js';
import { parseAddress, type Address, type Lookup } from '../../../src/transport/address.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { TransportError } from '../../../src/transport/failure.js';
import { alreadyFound } from '../../../src/transport/lookup.js';
import { tcpTransport } from '../../../src/transport/tcp.js';
import { webSocketTransport } from '../../../src/transport/websocket.js';
import { certificate, credentials } from '../../fixtures/certificates.js';

const waits = waitsOn(realClock, 5_000);
const lookupOf = (...ips: readonly string[]): Lookup => () => Promise.resolve(ips);

/** The addresses of a name; fails for what is none. */
function found(transport: Transport, text: string): Promise<readonly Address[]> {
  const found$ = transport.resolve?.(parseAddress(text));
  if (found$ === undefined) throw new Error(`${text} is no name`);
  return firstValueFrom(found$);
}

const texts = async (transport: Transport, name: string): Promise<string[]> => (await found(transport, name)).map(({ text }) => text);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a name is looked up', () => {
  it('over TCP and WebSocket: all of its addresses, each once', async () => {
    const lookup = lookupOf('10.0.0.1', '2001:db8::1', '10.0.0.1');
    expect(await texts(tcpTransport({ lookup }), 'pods.example:4040')).toEqual(['10.0.0.1:4040', '[2001:db8::1]:4040']);
    expect(await texts(webSocketTransport({ lookup }), 'wss://pods.example/mp?a=b')).toEqual(['wss://10.0.0.1:443/mp?a=b', 'wss://[2001:db8::1]:443/mp?a=b']);
    expect((await found(webSocketTransport({ lookup }), 'ws://pods.example:80/mp'))[0]).toEqual({
      scheme: 'ws', host: 'pods.example', ip: '10.0.0.1', port: 80, path: '/mp', text: 'ws://10.0.0.1:80/mp',
    });
  });

  it('by the system, if nobody says otherwise', async () => {
    const asked = vi.spyOn(dns, 'lookup');
    expect(await texts(tcpTransport(), 'localhost:4040')).toContain('127.0.0.1:4040');
    expect(await texts(webSocketTransport(), 'ws://localhost:4040')).toContain('ws://127.0.0.1:4040');
    expect(asked.mock.calls.map(([host]) => host)).toEqual(['localhost', 'localhost']);
  });

  it('by the system, which may not know it', async () => {
    const unknown = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    const answer = ((_host: string, _options: object, done: (error: Error) => void) => { done(unknown); }) as never;
    vi.spyOn(dns, 'lookup').mockImplementation(answer);
    await expect(texts(tcpTransport(), 'pods.example')).rejects.toThrow('cannot look up pods.example: unknown host name (ENOTFOUND)');
  });

  it.each(['127.0.0.1:4040', '[::1]:4040', '[fe80::1%eth0]:4040', 'ws://10.1.2.3/mp'])('but not %s', (text) => {
    const transports = [tcpTransport(), webSocketTransport()];
    const address = parseAddress(text);
    expect(transports.map((transport) => transport.resolve?.(address))).toEqual([undefined, undefined]);
  });

  it('anew with each subscription, and not before', async () => {
    let asked = 0;
    const found$ = tcpTransport({ lookup: () => Promise.resolve([`10.0.0.${++asked}`]) }).resolve?.(parseAddress('pods.example'));
    expect(asked).toBe(0);
    for (const text of ['10.0.0.1:4040', '10.0.0.2:4040']) expect(await firstValueFrom(found$!)).toMatchObject([{ text }]);
  });

  it.each([
    [() => Promise.reject(Object.assign(new Error('queryA'), { code: 'ENOTFOUND' })), 'cannot look up pods.example: unknown host name (ENOTFOUND)'],
    [() => { throw new Error('at once'); }, 'cannot look up pods.example: at once'],
    [lookupOf('10.0.0.1', 'other.example'), 'cannot look up pods.example: "other.example" is no IP address'],
  ])('and an error names it', async (lookup: Lookup, text) => {
    const failure = found(tcpTransport({ lookup }), 'pods.example');
    await expect(failure).rejects.toThrow(text);
    await expect(failure).rejects.toBeInstanceOf(TransportError);
  });
});

describe('what was looked up', () => {
  it('is connected to over TCP', async () => {
    const transport = tcpTransport({ lookup: lookupOf('127.0.0.2') });
    const bench = await openBench({ transport, bind: '127.0.0.2:0', address: (listening) => listening, close: () => Promise.resolve() }, waits);
    const [address] = await found(transport, `pods.invalid:${bench.address.split(':')[1]}`);
    const client = await firstValueFrom(transport.connect(address!));
    expect(client.remoteAddress).toBe(bench.address);
    client.close();
    bench.close();
  });

  it('is asked for by its name over WebSocket, as behind a reverse proxy', async () => {
    const server = createServer();
    const request = new Promise<IncomingMessage>((resolve) => server.once('upgrade', (asked: IncomingMessage, socket) => {
      resolve(asked);
      socket.destroy();
    }));
    server.listen(0, '127.0.0.3');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const transport = webSocketTransport({ lookup: lookupOf('127.0.0.3') });
    const [address] = await found(transport, `ws://pods.invalid:${port}/mp`);
    await expect(firstValueFrom(transport.connect(address!))).rejects.toThrow(`cannot connect to ws://127.0.0.3:${port}/mp: `);
    expect((await request).headers.host).toBe(`pods.invalid:${port}`);
    server.close();
  });

  it('has to show a certificate of the name, not of the address', async () => {
    const ca = await certificate({ name: 'ca' });
    for (const [host, isGood] of [['hub.example', true], ['127.0.0.1', false]] as const) {
      const tls = credentials({ cert: await certificate({ issuer: ca, hosts: [host] }), ca });
      const transport = webSocketTransport({ tls, lookup: lookupOf('127.0.0.1') });
      const bench = await openBench({ transport, bind: 'wss://127.0.0.1:0/mp', address: (listening) => listening, close: () => Promise.resolve() }, waits);
      const [address] = await found(transport, `wss://hub.example:${new URL(bench.address).port}/mp`);
      const connecting = firstValueFrom(transport.connect(address!));
      if (isGood) (await connecting).close();
      else await expect(connecting).rejects.toThrow(/hub\.example.*not in the cert|altnames/i);
      if (!isGood) (await connectTo(transport, bench.address, waits)).close();
      bench.close();
    }
  });
});

describe('the lookup of an address that is known', () => {
  it.each([['10.0.0.1', 4], ['2001:db8::1', 6]])('gives %s of family %i, alone or as a list, whatever is asked for', (ip, family) => {
    const answers: unknown[][] = [];
    const done = (...answer: unknown[]): void => { answers.push(answer); };
    for (const all of [true, false, undefined]) alreadyFound(ip)('other.example', { all }, done);
    expect(answers).toEqual([[null, [{ address: ip, family }]], [null, ip, family], [null, ip, family]]);
  });
});
