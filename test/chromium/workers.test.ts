import type { Browser, Page } from 'playwright-core';
import type * as rxjs from 'rxjs';
import type * as rxmp from 'rxmp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForPages, open, serve, startChromium } from './chromium.js';

/** A worker as its user writes it, but for where rxmp is. */
const WORKER = `
import '/page.js';
const node = await rxmp.createNode({ attach: ['parent'] });
const port = node.rcv(node.port(), {
  square: (n, reply) => node.snd(reply, n * n),
  octets: (octets, reply) => node.snd(reply, octets.length, octets[0]),
  ask: (other, reply) => node.cal(other, 'square', 9).subscribe(([square]) => node.snd(reply, square)),
  hang: () => { for (;;); },
  quit: () => { self.close(); },
});
node.dbReg('crew', port);
`;

interface InPage {
  readonly rxmp: typeof rxmp;
  readonly rxjs: typeof rxjs;
}

let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;
let page: Page;
beforeAll(async () => {
  site = await serve(await bundleForPages(), { '/worker.js': WORKER, '/broken.js': 'throw new Error("no luck")' });
  browser = await startChromium();
  page = await open(browser, site.origin);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await site.close();
});

describe('V18, V19: workers in a real browser', () => {
  it('are nodes that take octets along, reach each other, and are noticed at once when they are terminated', { timeout: 30_000 }, async () => {
    const told = await page.evaluate(async () => {
      const { rxmp: { createNode, transfer }, rxjs: { filter, firstValueFrom, map } } = globalThis as unknown as InPage;
      const node = await createNode({ nodeid: 'page' });
      const workers = await Promise.all(['one', 'other'].map((name) => node.spawnWorker('/worker.js', { name })));
      const [one, other] = await firstValueFrom(
        node.dbMon('crew').pipe(map(({ family }) => workers.map((worker) => [...family.keys()].find((port) => node.nodeOf(port) === worker.node) ?? '')), filter((ports) => ports.every((port) => port !== ''))),
      );
      const octets = transfer(new Uint8Array(10_000_000).fill(7));
      const answers = [
        await firstValueFrom(node.cal(one ?? '', 'square', 12)),
        await firstValueFrom(node.cal(one ?? '', 'octets', octets)),
        await firstValueFrom(node.cal(one ?? '', 'ask', other)),
      ];
      const names = await firstValueFrom(node.dbKeys('workers'));
      const connection = await firstValueFrom(node.connections$);
      const died = firstValueFrom(node.mon(one ?? ''));
      node.snd(one ?? '', 'hang');
      const began = performance.now();
      await workers[0]?.terminate();
      const [kind, , text] = await died;
      const ms = performance.now() - began;
      await node.close();
      return { answers, left: octets.length, names: [...names].sort(), framing: connection.framing.sent, died: [kind, text], ms, end: await firstValueFrom(workers[1]!.ended$) };
    });
    expect(told).toMatchObject({
      answers: [[144], [10_000_000, 7], [81]], left: 0, names: ['one', 'other'], framing: 'rxmp_values',
      died: ['transport_error', expect.stringContaining('it was terminated')], end: { reason: 'it was terminated' },
    });
    expect(told.ms).toBeLessThan(1_000);
  });

  it('that fail before they are there are rejections', { timeout: 30_000 }, async () => {
    const errors = await page.evaluate(async () => {
      const node = await (globalThis as unknown as InPage).rxmp.createNode({ nodeid: 'page' });
      const attempts = ['/broken.js', '/no-such-file'].map((file) => node.spawnWorker(file).then(() => 'up', (error: unknown) => String(error)));
      const texts = await Promise.all(attempts);
      await node.close();
      return texts;
    });
    expect(errors).toEqual([expect.stringContaining('worker broken.js: '), expect.stringContaining('worker no-such-file: ')]);
    expect(errors[0]).toContain('no luck');
  });

  it('that end themselves are noticed at once', { timeout: 30_000 }, async () => {
    const [ms, text] = await page.evaluate(async () => {
      const { rxmp: { createNode }, rxjs: { filter, firstValueFrom, map } } = globalThis as unknown as InPage;
      const node = await createNode({ nodeid: 'page' });
      await node.spawnWorker('/worker.js');
      const port = await firstValueFrom(node.dbMon('crew').pipe(map(({ family }) => [...family.keys()][0]), filter((found) => found !== undefined)));
      const died = firstValueFrom(node.mon(port));
      const began = performance.now();
      node.snd(port, 'quit');
      const [, , reason] = await died;
      const took = performance.now() - began;
      await node.close();
      return [took, reason];
    });
    expect(text).toContain('its page or worker is gone');
    expect(ms).toBeLessThan(2_000);
  });

  it('and nodes of two pages at the ends of a port: the page that goes is noticed at once', { timeout: 30_000 }, async () => {
    const reason = await page.evaluate(async () => {
      const { rxmp: { createNode }, rxjs: { firstValueFrom } } = globalThis as unknown as InPage;
      // the types of browsers are not loaded here
      const { document } = globalThis as unknown as { document: { createElement(name: string): { srcdoc: string; contentWindow: { postMessage(...args: unknown[]): void }; onload: () => void; remove(): void }; body: { append(element: unknown): void } } };
      const frame = document.createElement('iframe');
      frame.srcdoc = '<script type="module">import "/page.js"; onmessage = ({ ports }) => { rxmp.createNode({ nodeid: "frame", attach: ports }); };</script>';
      document.body.append(frame);
      await new Promise<void>((resolve) => { frame.onload = resolve; });
      const { port1, port2 } = new MessageChannel();
      const node = await createNode({ nodeid: 'page' });
      node.attach(port1, { trusted: false });
      frame.contentWindow.postMessage('go', '*', [port2]);
      const { trusted } = await firstValueFrom(node.connections$);
      const died = firstValueFrom(node.mon('frame'));
      // the lock of the frame is looked at after the connection is up
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      frame.remove();
      const [kind, peer, text] = await died;
      await node.close();
      return { trusted, kind, peer, text };
    });
    expect(reason).toEqual({ trusted: false, kind: 'transport_error', peer: 'frame', text: expect.stringContaining('its page or worker is gone') });
  });
});
