import { createNode, webSocketTransport, type Limits } from 'rxmp';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recordedLog, type RecordedLog } from '../../../marbles/world.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex } from '../../../src/transport/duplex.js';
import type { WebSocketOptions } from '../../../src/transport/websocket-settings.js';

const secret = 'of nodes behind a proxy';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function listening(options: WebSocketOptions, limits: Partial<Limits> = {}): Promise<{ log: RecordedLog; url: string }> {
  const log = recordedLog();
  const node = await createNode({ nodeid: 'hub', binds: ['ws://127.0.0.1:0/mp'], secret, log, limits, transports: [webSocketTransport(options)] });
  open.push(node);
  return { log, url: node.addresses[0]! };
}

/** What becomes of a request that somebody makes: `open`, or what was answered. It stays open, and says nothing. */
function visit(url: string, headers: Record<string, string>, localAddress = '127.0.0.1', gone: () => unknown = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, { headers, localAddress });
    open.push({ close: () => { ws.terminate(); } });
    ws.on('open', () => { resolve('open'); });
    ws.on('close', gone);
    ws.on('error', (error) => { resolve(error.message.replace('Unexpected server response: ', '')); });
  });
}

const page = (headers: Record<string, string> = {}): Record<string, string> => ({ Origin: 'https://chat.example', ...headers });
const warnings = ({ lines }: RecordedLog): string[] => lines.filter((line) => line.startsWith('warn')).map((line) => line.slice(5));

describe('trustProxy', () => {
  it('compares the origin of a page with the host that the proxy names, of proxies only', async () => {
    const { url, log } = await listening({ trustProxy: ['127.0.0.1'] });
    const headers = page({ 'X-Forwarded-Host': 'chat.example' });
    expect(await visit(url, headers)).toBe('open');
    expect(warnings(log)).toEqual([]);
    expect(await visit(url, headers, '127.0.0.2')).toBe('403');
    expect(await visit(url, { ...headers, Origin: 'https://evil.example' })).toBe('403');
  });

  it.each<[string, WebSocketOptions, Record<string, string>, string]>([
    [
      'nothing is said of a proxy',
      {},
      page(),
      '"https://chat.example" from 127.0.0.1:PORT, which asked for the host "127.0.0.1:PORT": to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin, or let the proxy in front pass the host on (proxy_set_header Host $http_host)',
    ],
    [
      'a proxy that nobody trusts says the right host',
      {},
      page({ 'X-Forwarded-Host': 'chat.example' }),
      '"https://chat.example" from 127.0.0.1:PORT, which asked for the host "127.0.0.1:PORT": to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin; or, if 127.0.0.1:PORT is your proxy, give webSocketTransport({ trustProxy: [...] }) its address: it says that the host was "chat.example"',
    ],
    [
      'a proxy that is trusted says another host',
      { trustProxy: true },
      page({ 'X-Forwarded-Host': 'a.example', 'X-Forwarded-For': '203.0.113.7' }),
      '"https://chat.example" from 203.0.113.7, which asked for the host "a.example": to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin, or let the proxy in front pass the host on (proxy_set_header Host $http_host)',
    ],
    [
      'a list of origins has another one',
      { origins: ['https://a.example'] },
      page({ 'X-Forwarded-Host': 'chat.example' }),
      '"https://chat.example" from 127.0.0.1:PORT, which asked for the host "127.0.0.1:PORT": to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin',
    ],
    [
      'the texts have signs that terminals obey',
      {},
      { Origin: 'https://\u009bJ\u0085', 'X-Forwarded-Host': '\u009bJ' },
      '"https://\\u009bJ\\u0085" from 127.0.0.1:PORT, which asked for the host "127.0.0.1:PORT": to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin, or let the proxy in front pass the host on (proxy_set_header Host $http_host)',
    ],
  ])('a page that is refused is logged with what is right: %s', async (_, options, headers, text) => {
    const { url, log } = await listening(options);
    expect(await visit(url, headers)).toBe('403');
    expect(warnings(log).map((line) => line.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'))).toEqual([`refused a page of ${text}`]);
  });

  it('limits of one address count the visitor, not the proxy', async () => {
    const { url, log } = await listening({ trustProxy: ['127.0.0.1'] }, { addressHandshakes: 2, handshakeTime: 60_000 });
    const from = (address: string): Promise<string> => visit(url, { 'X-Forwarded-For': address });
    expect([await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.7')]).toEqual(['open', 'open', '429']);
    expect(warnings(log)).toEqual(['refused 203.0.113.7: 2 connections of 203.0.113.7 are in their handshake (limits.addressHandshakes)']);
    expect([await from('203.0.113.8'), await from('2001:db8:0:1::5'), await from('2001:db8:0:1::6'), await from('2001:db8:0:1:7::7'), await from('2001:db8:0:2::7')]).toEqual(['open', 'open', 'open', '429', 'open']);
  });

  it('who is no proxy can not name another address to be counted for, and a proxy that names none counts itself', async () => {
    const { url } = await listening({ trustProxy: ['127.0.0.1'] }, { addressHandshakes: 2, handshakeTime: 60_000 });
    const visits = [];
    for (let n = 0; n < 3; n++) visits.push(await visit(url, { 'X-Forwarded-For': `203.0.113.${n}` }, '127.0.0.2'));
    for (let n = 0; n < 3; n++) visits.push(await visit(url, {}));
    expect(visits.map((answer) => answer === 'open')).toEqual([true, true, false, true, true, false]);
  });

  it('limits.handshakeBurst counts the visitor', async () => {
    const { url } = await listening({ trustProxy: true }, { handshakeBurst: 2, handshakeRate: 1 });
    const from = (address: string): Promise<string> => visit(url, { 'X-Forwarded-For': address });
    expect([await from('10.1.1.1'), await from('10.1.1.1'), await from('10.1.1.1'), await from('10.1.1.2')]).toEqual(['open', 'open', '429', 'open']);
  });

  it('where all of limits.pendingHandshakes are taken, the busiest visitor makes room', async () => {
    const { url } = await listening({ trustProxy: true }, { pendingHandshakes: 3, handshakeTime: 60_000 });
    const gone: string[] = [];
    for (const address of ['10.1.1.1', '10.1.1.2', '10.1.1.2', '10.1.1.3']) {
      expect(await visit(url, { 'X-Forwarded-For': address }, undefined, () => gone.push(address))).toBe('open');
    }
    await expect.poll(() => gone).toEqual(['10.1.1.2']);
  });

  it.each<[WebSocketOptions['trustProxy'], Partial<Duplex>]>([
    [true, { secure: true, remoteAddress: '203.0.113.7' }],
    [['127.0.0.1'], { secure: true, remoteAddress: '203.0.113.7' }],
    [undefined, { secure: false, remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string }],
  ])('a connection is encrypted, and from where, as a trusted proxy says: %j', async (trustProxy, expected) => {
    const duplexes: Duplex[] = [];
    let url = '';
    const listener = webSocketTransport({ trustProxy }).listen(parseAddress('ws://127.0.0.1:0')).subscribe((event) => {
      if (event.kind === 'connection') duplexes.push(event.duplex);
      else url = event.addresses[0] ?? '';
    });
    open.push({ close: () => { listener.unsubscribe(); } });
    await expect.poll(() => url).not.toBe('');
    expect(await visit(url, { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.7' })).toBe('open');
    expect(duplexes).toEqual([expect.objectContaining(expected)]);
  });
});
