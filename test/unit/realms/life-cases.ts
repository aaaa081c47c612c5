import { VirtualClock, settled, silentLog } from 'rxmp/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { life$ } from '../../../src/browser-life.js';
import * as browser from '../../../src/browser.js';
import { createNode, memoryNetwork, type MpNode } from '../../../src/index.js';

const { document, navigator } = globalThis as unknown as { readonly document: EventTarget & { visibilityState: string }; readonly navigator: { readonly onLine: boolean } };
const page = globalThis as unknown as EventTarget;
const happens = (target: EventTarget, name: string, more = {}): void => { target.dispatchEvent(Object.assign(new Event(name), more)); };

/** What is listened to, as the target and the event, while the test runs. */
function countListeners() {
  const held: string[] = [];
  for (const [name, target] of [['page', page], ['document', document]] as const) {
    vi.spyOn(target, 'addEventListener').mockImplementation((event) => { held.push(`${name} ${event}`); });
    vi.spyOn(target, 'removeEventListener').mockImplementation((event) => { held.splice(held.indexOf(`${name} ${event}`), 1); });
  }
  return held;
}

/** What a page is told, where the test runner has put the globals of a browser in place of those of Node.js. */
export function testLife(): void {
  afterEach(() => { vi.restoreAllMocks(); });
  const isVisible = (is: boolean): void => { vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(is ? 'visible' : 'hidden'); };

  it('is told while somebody listens', () => {
    const told: string[] = [];
    const listening = life$.subscribe((event) => told.push(event));
    happens(page, 'offline');
    happens(page, 'online');
    isVisible(false);
    happens(document, 'visibilitychange');
    happens(document, 'freeze');
    happens(document, 'resume');
    happens(page, 'pagehide', { persisted: true });
    happens(page, 'pageshow', { persisted: true });
    isVisible(true);
    happens(document, 'visibilitychange');
    happens(page, 'pageshow', { persisted: false });
    happens(page, 'pagehide', { persisted: false });
    listening.unsubscribe();
    happens(page, 'online');
    happens(document, 'visibilitychange');
    expect(told).toEqual(['offline', 'online', 'freeze', 'resume', 'hide', 'show', 'visible', 'hide']);
  });

  it('begins with being offline, if so', () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const told: string[] = [];
    life$.subscribe((event) => told.push(event)).unsubscribe();
    expect(told).toEqual(['offline']);
  });

  it('is listened to from when there is a node until it is closed', async () => {
    const clock = new VirtualClock();
    const held = countListeners();
    const making = browser.createNode({ clock, log: silentLog });
    expect(held).toEqual([]);
    const node = await settled(clock, making);
    expect([...held].sort()).toEqual(['document freeze', 'document resume', 'document visibilitychange', 'page offline', 'page online', 'page pagehide', 'page pageshow']);
    await settled(clock, node.close());
    expect(held).toEqual([]);
    await expect(browser.createNode({ clock, log: silentLog, services: ['no-such-module#start'] })).rejects.toThrow();
    expect(held, 'of a node that could not be made').toEqual([]);
    await settled(clock, settled(clock, createNode({ clock, log: silentLog })).then((other) => other.close()));
    expect(held, 'of a node of Node.js').toEqual([]);
  });

  it('ends the pause of a seed, however long it is', async () => {
    const { clock, node, start } = await away();
    clock.runFor(3_600_000);
    const hub = await start('hub');
    clock.runFor(10_000);
    expect(node.upNodes()).toEqual([]);
    happens(page, 'online');
    clock.runFor(100);
    expect(node.upNodes()).toEqual(['hub']);
    await closeAll(clock, node, hub);
  });

  it('is left with a goodbye, at once, and goes on by itself when it is shown again', async () => {
    const { clock, node, start } = await away();
    const hub = await start('hub');
    clock.runFor(10_000);
    node.dbSet('here', 'page', 1);
    clock.runFor(1_000);
    const here: string[] = [];
    hub.dbMon('here').subscribe(({ family }) => { here.push([...family.keys()].join()); });
    happens(page, 'pagehide', { persisted: true });
    expect(node.upNodes()).toEqual([]);
    clock.runFor(10);
    expect([hub.upNodes(), here.at(-1)]).toEqual([[], '']);
    clock.runFor(60_000);
    expect(node.upNodes(), 'while it is kept').toEqual([]);
    happens(page, 'pageshow', { persisted: true });
    clock.runFor(100);
    expect([hub.upNodes(), here.at(-1)]).toEqual([[node.id], 'page']);
    await closeAll(clock, node, hub);
  });
}

/** A page whose seed is not there yet. */
async function away() {
  const clock = new VirtualClock();
  const options = { clock, transports: [memoryNetwork(clock)], secret: 's', log: silentLog, monitorTimeout: 3_600_000 };
  return {
    clock,
    node: await settled(clock, browser.createNode({ seeds: ['memory://hub'], ...options })),
    start: (name: string) => settled(clock, createNode({ nodeid: name, binds: [`memory://${name}`], ...options })),
  };
}

async function closeAll(clock: VirtualClock, ...nodes: readonly MpNode[]): Promise<void> {
  for (const node of nodes) await settled(clock, node.close());
}
