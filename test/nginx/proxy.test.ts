import { createNode, webSocketTransport, type MpNode, type NodeOptions } from 'rxmp';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recordedLog, type RecordedLog } from '../../marbles/world.js';
import type { WebSocketOptions } from '../../src/transport/websocket-settings.js';
import { certificate } from '../fixtures/certificates.js';
import { nginxVersion, startNginx, type Nginx, type NginxOptions } from './nginx.js';

const secret = 'of nodes behind nginx';
const trusting: WebSocketOptions = { trustProxy: ['127.0.0.1'] };
/** The lines of docs/deployment.md. */
const FORWARDED = documented();
/** Those that each WebSocket needs, with nginx as it is. */
const PLAIN = FORWARDED.filter((line) => !line.includes('X-Forwarded'));

function documented(): readonly string[] {
  const document = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8');
  const [, location = ''] = /```nginx\n[^]*?location \/mp \{\n([^]*?)\}\n/.exec(document) ?? [];
  return location.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('proxy_pass '));
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

beforeAll(() => {
  if (nginxVersion() === undefined) throw new Error('these tests need nginx: apt-get install nginx-light');
});

interface Behind {
  readonly hub: MpNode;
  readonly log: RecordedLog;
  readonly nginx: Nginx;
  /** Where a page finds the node, and its origin, if it comes from the same place. */
  readonly url: string;
  readonly origin: string;
}

/** A node behind nginx. */
async function behind(proxy: Omit<NginxOptions, 'to'>, socket: WebSocketOptions = {}, options: NodeOptions = {}): Promise<Behind> {
  const log = recordedLog();
  const hub = await createNode({ nodeid: 'hub', binds: ['ws://127.0.0.1:0/mp'], secret, log, transports: [webSocketTransport(socket)], ...options });
  open.push(hub);
  const nginx = await startNginx({ ...proxy, to: Number(/:(\d+)\//.exec(hub.addresses[0] ?? '')?.[1]) });
  open.push(nginx);
  const s = proxy.cert === undefined ? '' : 's';
  return { hub, log, nginx, url: `ws${s}://127.0.0.1:${nginx.port}/mp`, origin: `http${s}://127.0.0.1:${nginx.port}` };
}

/** What becomes of a page's connection: `open`, or the status that was answered. It stays open, and says nothing. */
function visit(url: string, { localAddress = '127.0.0.1', ca, ...headers }: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, { headers, localAddress, ...(ca === undefined ? {} : { ca }) });
    open.push({ close: () => { ws.terminate(); } });
    ws.on('open', () => { resolve('open'); });
    ws.on('error', (error) => { resolve(error.message.replace('Unexpected server response: ', '')); });
  });
}

const warnings = ({ lines }: RecordedLog): string[] => lines.filter((line) => line.startsWith('warn')).map((line) => line.slice(5));

describe('pages behind nginx', () => {
  it('the lines of docs/deployment.md are those that are tried here', () => {
    expect([FORWARDED.length, PLAIN.length]).toEqual([6, 3]);
  });

  it('as nginx is, which asks the node for its own address: 403, and the log says why, and what to do', async () => {
    const { url, origin, log, nginx } = await behind({ location: PLAIN });
    expect(await visit(url, { Origin: origin })).toBe('403');
    expect(warnings(log)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^refused a page of "${origin}" from 127\\.0\\.0\\.1:\\d+, which asked for the host "127\\.0\\.0\\.1:\\d+": to let it in, ` +
            'give transports: \\[webSocketTransport\\(\\{ origins: \\[\\.\\.\\.\\] \\}\\)\\] that origin, or let the proxy in front pass the host on',
        ),
      ),
    ]);
    expect(warnings(log)[0]).not.toContain(`the host "127.0.0.1:${nginx.port}"`);
  });

  it('as nginx is, with origins', async () => {
    const { url, origin } = await behind({ location: PLAIN }, { origins: ['https://chat.example'] });
    expect(await visit(url, { Origin: 'https://chat.example' })).toBe('open');
    expect(await visit(url, { Origin: origin })).toBe('403');
  });

  it('with Host $http_host; with $host only where the port is the usual one', async () => {
    const whole = await behind({ location: [...PLAIN, 'proxy_set_header Host $http_host;'] });
    expect(await visit(whole.url, { Origin: whole.origin })).toBe('open');
    expect(await visit(whole.url, { Origin: 'https://evil.example' })).toBe('403');
    const short = await behind({ location: [...PLAIN, 'proxy_set_header Host $host;'] });
    expect(await visit(short.url, { Origin: short.origin })).toBe('403');
    expect(await visit(short.url, { Origin: 'http://chat.example', Host: 'chat.example' })).toBe('open');
  });

  it('with X-Forwarded-Host and trustProxy', async () => {
    const { url, origin, log } = await behind({ location: FORWARDED }, trusting);
    expect(await visit(url, { Origin: origin })).toBe('open');
    expect(warnings(log)).toEqual([]);
    expect(await visit(url, { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' })).toBe('403');
    expect(warnings(log)).toEqual([expect.stringMatching(/^refused a page of "https:\/\/evil\.example" from 127\.0\.0\.1, which asked for the host "127\.0\.0\.1:\d+"/)]);
  });

  it('with X-Forwarded-Host, and nobody trusts it: 403, and the log says which option is missing', async () => {
    const { url, origin, log, nginx } = await behind({ location: FORWARDED }, { trustProxy: ['192.0.2.1'] });
    expect(await visit(url, { Origin: origin })).toBe('403');
    expect(warnings(log)).toEqual([expect.stringContaining(`give webSocketTransport({ trustProxy: [...] }) its address: it says that the host was "127.0.0.1:${nginx.port}"`)]);
  });

  it('over TLS', async () => {
    const cert = await certificate({ hosts: ['127.0.0.1'] });
    const { url, origin } = await behind({ location: FORWARDED, cert }, trusting);
    expect(await visit(url, { Origin: origin, ca: cert })).toBe('open');
    expect(await visit(url, { Origin: 'https://evil.example', ca: cert })).toBe('403');
  });
});

describe('limits behind nginx', () => {
  const limits = { addressHandshakes: 2, handshakeTime: 60_000 };

  it('count each visitor by his own address, whatever he says himself', async () => {
    const { url, log } = await behind({ location: FORWARDED }, trusting, { limits });
    const from = (localAddress: string, headers = {}): Promise<string> => visit(url, { localAddress, ...headers });
    expect([await from('127.0.0.2'), await from('127.0.0.2'), await from('127.0.0.2')]).toEqual(['open', 'open', '429']);
    expect(await from('127.0.0.2', { 'X-Forwarded-For': '203.0.113.9' })).toBe('429');
    expect([await from('127.0.0.3'), await from('127.0.0.3'), await from('127.0.0.3')]).toEqual(['open', 'open', '429']);
    expect(warnings(log)).toEqual(['refused 127.0.0.2: 2 connections of 127.0.0.2 are in their handshake (limits.addressHandshakes)']);
  });

  it('count the proxy where it is not trusted', async () => {
    const { url } = await behind({ location: FORWARDED }, {}, { limits });
    const visits = [];
    for (let n = 2; n < 5; n++) visits.push(await visit(url, { localAddress: `127.0.0.${n}` }));
    expect(visits).toEqual(['open', 'open', expect.not.stringMatching('open')]);
  });
});

describe('nodes behind nginx', () => {
  async function leaf(url: string, options: NodeOptions = {}): Promise<{ node: MpNode; log: RecordedLog }> {
    const log = recordedLog();
    const node = await createNode({ nodeid: 'leaf', seeds: [url], secret, log, ...options });
    open.push(node);
    return { node, log };
  }

  it('over TLS: a node that lets nobody in without it takes the word of a proxy that it trusts, and of no other', async () => {
    const cert = await certificate({ hosts: ['127.0.0.1'] });
    for (const socket of [trusting, {}]) {
      const { url, hub, log } = await behind({ location: FORWARDED, cert }, socket, { cert });
      const seen: unknown[] = [];
      hub.connections$.subscribe(({ node, secure, remoteAddress }) => seen.push([node, secure, remoteAddress]));
      const { node } = await leaf(url, { tls: { ca: cert } });
      if (socket === trusting) {
        await expect.poll(() => seen).toEqual([['leaf', true, '127.0.0.1']]);
      } else {
        await expect.poll(() => warnings(log).some((line) => line.startsWith('connection from 127.0.0.1:')), { timeout: 5_000 }).toBe(true);
        expect(seen).toEqual([]);
      }
      await node.close();
    }
  });

  it('stay connected through a proxy that ends what is idle, as long as they say something in that time', async () => {
    // keep-alives come each fifth of monitorTimeout
    const { url, hub } = await behind({ location: [...FORWARDED, 'proxy_read_timeout 1s;'] }, trusting, { monitorTimeout: 2_000 });
    const changes: boolean[] = [];
    hub.monNodes().subscribe(({ up }) => changes.push(up));
    await leaf(url, { monitorTimeout: 2_000 });
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(changes).toEqual([true]);
  });

  it('are cut off and come back where the proxy waits less than a fifth of monitorTimeout, which both logs show', async () => {
    const { url, hub, log } = await behind({ location: [...FORWARDED, 'proxy_read_timeout 1s;'] }, trusting);
    const changes: boolean[] = [];
    hub.monNodes().subscribe(({ up }) => changes.push(up));
    const client = await leaf(url);
    await expect.poll(() => changes.slice(0, 3), { timeout: 10_000 }).toEqual([true, false, true]);
    const ended = (name: string) => expect.stringMatching(`^(info|warn) connection with ${name} ended: `) as string;
    expect(log.lines).toContainEqual(ended('leaf'));
    expect(client.log.lines).toContainEqual(ended('hub'));
  });

  it('a health check by HTTP gets 426, and no line in the log', async () => {
    const { url, log } = await behind({ location: FORWARDED }, trusting);
    const response = await fetch(url.replace('ws:', 'http:'));
    expect([response.status, await response.text()]).toEqual([426, 'This is a WebSocket address: connect with ws://\n']);
    expect(warnings(log)).toEqual([]);
  });
});
