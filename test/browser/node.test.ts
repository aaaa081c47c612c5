import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as browser from '../../src/browser.js';
import { createNode } from '../../src/index.js';
import { silentLog } from '../../src/testing/index.js';

describe('a node in a browser', () => {
  beforeAll(() => {
    vi.stubGlobal('WebSocket', class extends WebSocket {
      constructor(url: string) {
        super(url);
        // as in browsers, what fails is told by `onclose` only
        this.on('error', () => undefined);
      }
    });
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  it('talks to one in Node.js, calls it and watches what it has set', async () => {
    await using server = await createNode({ binds: ['ws://127.0.0.1:0'], secret: 'of this test', log: silentLog });
    server.register('test::echo', (_, text: unknown, reply: unknown) => server.snd(String(reply), `${String(text)}!`));
    server.dbSet('names', 'server', server.id);
    await using page = await browser.createNode({ seeds: server.addresses, secret: 'of this test' });
    expect(page.id).toMatch(/^browser\//);
    expect(await firstValueFrom(page.cal(server.id, 'test::echo', 'grüß'))).toEqual(['grüß!']);
    expect(await firstValueFrom(page.dbFamily('names'))).toEqual(new Map([['server', server.id]]));
    const octets = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const port = page.port();
    const got = firstValueFrom(page.rcv(port, 'octets'));
    server.snd(port.id, 'octets', [...octets]);
    expect((await got)[0]).toEqual([...octets]);
  });

  it('has streams: a connection of its own to a node that it can reach, another page through that node (V15)', async () => {
    await using server = await createNode({ binds: ['127.0.0.1:0', 'ws://127.0.0.1:0'], secret: 'of this test', log: silentLog });
    const seeds = server.addresses.filter((address) => address.startsWith('ws:'));
    await using page = await browser.createNode({ seeds, secret: 'of this test', log: silentLog });
    await using other = await browser.createNode({ seeds, secret: 'of this test', log: silentLog });
    for (const [node, way] of [[server, 'direct'], [other, 'channel']] as const) {
      const port = node.port();
      node.dbReg('takers', port);
      node.streams(port).subscribe(({ stream }) => void stream.readable.pipeTo(stream.writable).catch(() => undefined));
      await firstValueFrom(page.dbMon('takers').pipe(filter(({ family }) => family.has(port.id))));
      const stream = page.openStream(port.id);
      const writer = stream.writable.getWriter();
      const octets = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
      const written = writer.write(octets).then(() => writer.close());
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream.readable) chunks.push(chunk);
      expect(Buffer.compare(Buffer.concat(chunks), octets)).toBe(0);
      await written;
      expect(await stream.opened).toBe(way);
    }
  });

  it('hears at once that the node it talks to is gone', async () => {
    const server = await createNode({ binds: ['ws://127.0.0.1:0'], secret: 'of this test', log: silentLog });
    const port = server.port();
    await using page = await browser.createNode({ seeds: server.addresses, secret: 'of this test', log: silentLog });
    const died = firstValueFrom(page.mon(port.id));
    await firstValueFrom(page.monNodes());
    await server.close();
    expect((await died)[0]).toBe('transport_error');
  });

  it('logs warnings on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    await using page = await browser.createNode({ secret: 'of this test' });
    page.kil(page.port(), 'for a reason');
    await vi.waitFor(() => { expect(warn.mock.calls.flat().join(' ')).toContain('rxmp: unmonitored port'); });
    warn.mockRestore();
  });

  it.each([
    [{ binds: ['ws://127.0.0.1:0'], secret: 's' }, 'browsers only connect, so leave "binds" out'],
    [{ seeds: ['127.0.0.1:4040'], secret: 's' }, '127.0.0.1:4040'],
    [{ tls: { ca: '' } }, 'browsers have no TLS between nodes'],
    [{ cert: '' }, 'connect to wss:// addresses'],
    [{ services: ['./nowhere.js#start'] }, 'service "./nowhere.js#start" can\'t be loaded'],
  ])('refuses what no browser can do: %j', async (options, text) => {
    await expect(browser.createNode({ ...options, log: silentLog })).rejects.toThrow(text);
  });

  it('finds the modules of services from the page', async () => {
    vi.stubGlobal('document', { baseURI: new URL('.', import.meta.url).href });
    const started: string[] = [];
    vi.stubGlobal('serviceStarted', (id: string) => started.push(id));
    await using page = await browser.createNode({ services: ['./service.mjs#start'] });
    expect(started).toEqual([page.id]);
  });

  it('has transports by themselves, too', () => {
    expect(browser.webSocketTransport().schemes).toEqual(['ws', 'wss']);
    expect(() => browser.webSocketTransport({ tls: { own: undefined, ca: [] } })).toThrow('browsers have no TLS between nodes');
    expect(() => browser.tcpTransport()).toThrow('browsers have no TCP');
  });
});
