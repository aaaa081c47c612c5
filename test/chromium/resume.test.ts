import type { Browser, Page } from 'playwright-core';
import { createNode, webSocketTransport, type MpNode } from 'rxmp';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordedLog } from '../../marbles/world.js';
import { startProxy, type Proxy } from '../process/chaos-proxy.js';
import { bundleForPages, open, serve, startChromium } from './chromium.js';

const SECRET = 'of a page and a node';
const OFFLINE = 5_000;

let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(await bundleForPages());
  browser = await startChromium();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await site.close();
});

/** A node, and a page that is connected with it through a network that can be switched off. */
async function start(resumeTime: number) {
  const log = recordedLog();
  const hub: MpNode = await createNode({
    ...{ nodeid: 'hub', binds: ['ws://127.0.0.1:0'], secret: SECRET, resumeTime, log, monitorTimeout: 20_000 },
    transports: [webSocketTransport({ origins: [site.origin] })],
  });
  const heard: number[] = [];
  const port = hub.rcv(hub.port(), {
    number: (n: number) => { heard.push(n); },
    double: (n: number, reply: string) => { hub.snd(reply, 2 * n); },
  });
  hub.dbReg('ports', port);
  const proxy: Proxy = await startProxy(hub.addresses[0] ?? '');
  const page = await open(browser, site.origin);
  await page.evaluate(talk, { seed: proxy.address, secret: SECRET, resumeTime, port: port.id });
  await page.waitForFunction('told.answers.length > 5');
  return {
    ...{ hub, heard, page, log },
    offline: async (): Promise<void> => {
      await page.context().setOffline(true);
      // what has a socket already keeps it where only the browser is told
      proxy.cut();
    },
    online: async (): Promise<void> => {
      proxy.heal();
      await page.context().setOffline(false);
    },
    close: async (): Promise<void> => {
      await page.close();
      await hub.close();
    },
  };
}

/** What is told by the page. */
interface Told {
  sent: number;
  readonly answers: number[];
  readonly failures: string[];
  readonly fired: string[];
}

/** Runs in the page: sends and calls all the time. */
async function talk({ seed, secret, resumeTime, port }: { seed: string; secret: string; resumeTime: number; port: string }): Promise<void> {
  const { rxmp } = globalThis as unknown as { rxmp: { createNode: typeof createNode } };
  const mine: Told = { sent: 0, answers: [], failures: [], fired: [] };
  Object.assign(globalThis, { told: mine });
  const node = await rxmp.createNode({ nodeid: 'page', seeds: [seed], secret, resumeTime, monitorTimeout: 20_000 });
  node.mon(port, (...reason: unknown[]) => { mine.fired.push(reason.join(' ')); });
  node.dbSet('pages', 'page', 1);
  const timer = setInterval(() => {
    const n = mine.sent++;
    node.snd(port, 'number', n);
    node.cal(port, 'double', n).subscribe({ next: ([answer]: readonly unknown[]) => { mine.answers.push(Number(answer)); }, error: (error: unknown) => { mine.failures.push(String(error)); } });
  }, 20);
  Object.assign(globalThis, { stop: () => { clearInterval(timer); } });
}

const toldBy = (page: Page): Promise<Told> => page.evaluate('told');

describe('a page whose network is switched off for 5 s (V9, V10)', () => {
  it('goes on where it was: nothing lost, nothing twice, no monitor, no key', { timeout: 60_000 }, async () => {
    const { hub, heard, page, offline, online, close } = await start(15_000);
    const changes: string[] = [];
    hub.dbMon('pages').subscribe(({ family }) => { changes.push([...family.keys()].join(' ')); });
    const fired: unknown[] = [];
    hub.mon('page', (...reason: unknown[]) => { fired.push(reason); });
    await offline();
    const before = (await toldBy(page)).answers.length;
    await wait(OFFLINE);
    const meanwhile = await toldBy(page);
    expect(meanwhile.answers.length - before).toBeLessThan(10);
    await online();
    await page.waitForFunction(`told.answers.length > ${meanwhile.sent}`, undefined, { timeout: 10_000 });
    await page.evaluate('stop()');
    await page.waitForFunction('told.answers.length === told.sent');
    const told = await toldBy(page);
    expect(told.sent).toBeGreaterThan(150);
    expect(heard).toEqual(Array.from({ length: told.sent }, (_, i) => i));
    expect(told.answers).toEqual(heard.map((n) => 2 * n));
    expect([told.failures, told.fired, fired]).toEqual([[], [], []]);
    expect(changes.filter((keys) => keys === '')).toHaveLength(changes[0] === '' ? 1 : 0);
    await close();
  });

  it('is a lost node without resumeTime (S13)', { timeout: 60_000 }, async () => {
    const { page, offline, online, close } = await start(0);
    await offline();
    await page.waitForFunction('told.fired.length > 0', undefined, { timeout: 10_000 });
    expect((await toldBy(page)).fired[0]).toMatch(/^transport_error hub /);
    await online();
    await close();
  });
});
