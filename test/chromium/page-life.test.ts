import { createNode, webSocketTransport, type MpNode } from 'rxmp';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordedLog } from '../../marbles/world.js';
import { startProxy } from '../process/chaos-proxy.js';
import { eventually } from '../process/children.js';
import { bundleForPages, serve } from './chromium.js';
import { startTabs, type Tab } from './tabs.js';

const SECRET = 'of a page and a node';
/** What the rule allows, ms: a page that wakes up is back; presence goes at once. */
const BACK = 2_000;
const AT_ONCE = 1_000;
const LONG = 60_000;

let tabs: Awaited<ReturnType<typeof startTabs>>;
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(await bundleForPages());
  tabs = await startTabs();
}, 60_000);
afterAll(async () => {
  await tabs.close();
  await site.close();
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What a page has after {@link enter}. */
interface InPage {
  readonly rxmp: { readonly createNode: typeof createNode };
  readonly node: MpNode;
}

/** Runs in the page. Times are of `Date`, which is the same everywhere. */
async function enter(given: { seed: string; secret: string; resumeTime: number }): Promise<void> {
  const { rxmp } = globalThis as unknown as InPage;
  const told: { readonly status: string; readonly at: number }[] = [];
  const events: Record<string, number> = {};
  const page = globalThis as unknown as EventTarget & { readonly document: EventTarget };
  for (const name of ['online', 'offline']) page.addEventListener(name, () => { events[name] = Date.now(); });
  for (const name of ['freeze', 'resume', 'visibilitychange']) page.document.addEventListener(name, () => { events[name] = Date.now(); });
  page.addEventListener('pageshow', (event) => { if ((event as { persisted?: boolean }).persisted === true) events['pageshow'] = Date.now(); });
  const node = await rxmp.createNode({ nodeid: 'page', seeds: [given.seed], secret: given.secret, resumeTime: given.resumeTime });
  node.status$.subscribe(({ status }) => { told.push({ status, at: Date.now() }); });
  node.dbSet('here', 'page', 1);
  Object.assign(globalThis, { node, told, events });
}

/** A node, and a page that is connected with it through a network that fails as the test says. */
async function world(resumeTime: number) {
  const hub: MpNode = await createNode({
    ...{ nodeid: 'hub', binds: ['ws://127.0.0.1:0'], secret: SECRET, resumeTime, log: recordedLog() },
    transports: [webSocketTransport({ origins: [site.origin] })],
  });
  closing.push(() => hub.close());
  /** When the page came and went, as the node sees it. */
  const seen: { readonly here: boolean; readonly at: number }[] = [];
  hub.dbMon('here').subscribe(({ family }) => {
    const here = family.has('page');
    if (seen.at(-1)?.here !== here) seen.push({ here, at: Date.now() });
  });
  const proxy = await startProxy(hub.addresses[0] ?? '');
  const tab = await tabs.open(site.origin);
  closing.push(() => tab.close().catch(() => undefined));
  await tab.call(enter, { seed: proxy.address, secret: SECRET, resumeTime });
  await eventually('the page', () => seen.at(-1)?.here === true);
  return { hub, proxy, tab, seen };
}

/** Ms from an event in the page until its status is this one. */
async function until(tab: Tab, status: string, event: string): Promise<number> {
  await tab.until(`told.at(-1).status === '${status}' && told.at(-1).at >= events.${event}`);
  return tab.evaluate(`told.at(-1).at - events.${event}`);
}

/** Ms from now until the page is gone, or here, as the node sees it. */
async function untilSeen(seen: readonly { readonly here: boolean; readonly at: number }[], here: boolean, since: number): Promise<number> {
  await eventually(here ? 'the page is here' : 'the page is gone', () => seen.at(-1)?.here === here);
  return (seen.at(-1)?.at ?? 0) - since;
}

const measured: Record<string, number> = {};
afterAll(() => { console.log('ms:', JSON.stringify(measured)); });

describe.each([[0], [LONG]])('A3: a page in Chromium, resumeTime %i', (resumeTime) => {
  const note = (what: string, ms: number): number => (measured[`${what}, resumeTime ${resumeTime}`] = ms);

  it('tells at once that it is offline, and is back within two seconds when it is online', { timeout: 60_000 }, async () => {
    const { tab, proxy, seen } = await world(resumeTime);
    proxy.swallow('to the server', 'to the client');
    await tab.setOffline(true);
    expect(note('offline is told', await until(tab, 'offline', 'offline'))).toBeLessThan(AT_ONCE / 4);
    await wait(5_000);
    expect(await tab.evaluate('told.at(-1).status')).toBe('offline');
    proxy.forget();
    proxy.heal();
    await tab.setOffline(false);
    expect(note('back when online', await until(tab, 'connected', 'online'))).toBeLessThan(BACK);
    await untilSeen(seen, true, 0);
  });

  it('is back within two seconds when it is seen again and its connection is lost', { timeout: 60_000 }, async () => {
    const { tab, proxy } = await world(resumeTime);
    const other = await tabs.open(site.origin);
    closing.push(() => other.close());
    proxy.forget();
    await tab.front();
    await tab.until(`document.visibilityState === 'visible' && told.at(-1).at > events.visibilitychange`);
    expect(note('back when visible', await until(tab, 'connected', 'visibilitychange'))).toBeLessThan(BACK);
  });

  it('is gone at once when it is frozen, unless its links may go on, and back within two seconds', { timeout: 60_000 }, async () => {
    const { tab, seen } = await world(resumeTime);
    const other = await tabs.open(site.origin);
    closing.push(() => other.close());
    const began = Date.now();
    await tab.freeze();
    if (resumeTime === 0) expect(note('gone when frozen', await untilSeen(seen, false, began))).toBeLessThan(AT_ONCE);
    await wait(5_000);
    expect(seen.at(-1)?.here).toBe(resumeTime > 0);
    await tab.thaw();
    expect(note('back from the freezer', await until(tab, 'connected', 'resume'))).toBeLessThan(BACK);
    await untilSeen(seen, true, 0);
    expect(seen.filter(({ here }) => !here).length).toBeLessThanOrEqual(resumeTime > 0 ? 1 : 2);
  });

  it('that is closed is gone at once', { timeout: 60_000 }, async () => {
    const { tab, seen } = await world(resumeTime);
    const began = Date.now();
    await tab.close();
    expect(note('gone when closed', await untilSeen(seen, false, began))).toBeLessThan(AT_ONCE);
  });

  it('that is left is gone at once, is kept by the browser, and is back by itself', { timeout: 60_000 }, async () => {
    const { tab, seen } = await world(resumeTime);
    const began = Date.now();
    await tab.goTo(`${site.origin}/other`);
    expect(note('gone when left', await untilSeen(seen, false, began))).toBeLessThan(AT_ONCE);
    await wait(1_000);
    await tab.evaluate('history.back()');
    await tab.until(`typeof events === 'object' && events.pageshow !== undefined`);
    expect(note('back when shown again', await until(tab, 'connected', 'pageshow'))).toBeLessThan(BACK);
    await untilSeen(seen, true, 0);
  });
});
