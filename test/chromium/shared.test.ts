import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createNode, webSocketTransport, type MpNode, type NodeOptions } from 'rxmp';
import { send, write } from 'rxmp/guests';
import type * as shared from 'rxmp/shared';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordedLog } from '../../marbles/world.js';
import { startProxy } from '../process/chaos-proxy.js';
import { eventually } from '../process/children.js';
import { bundleForPages, serve } from './chromium.js';
import { startTabs, type Tab } from './tabs.js';

const SECRET = 'of tabs and a node';
/** What the rule allows, ms. */
const BACK = 2_000;
const AT_ONCE = 1_000;

let tabs: Awaited<ReturnType<typeof startTabs>>;
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(await bundleForPages(), { '/worker.js': 'import "/page.js"; shared.serveTabs(); new BroadcastChannel("end").onmessage = () => { close(); };', '/silent.js': '' });
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

const measured: Record<string, number> = {};
const note = (what: string, ms: number): number => (measured[what] = Math.round(ms));
afterAll(() => { console.log('ms:', JSON.stringify(measured)); });

interface Given {
  readonly seeds: readonly string[];
  readonly secret?: string;
  readonly token?: string;
  readonly resumeTime: number;
  readonly name: string;
  readonly worker: string | undefined;
}

/** What a tab has after {@link enter}. */
interface InPage {
  readonly shared: typeof shared;
  readonly node: MpNode;
}

/** Runs in the tab. */
async function enter({ worker, token, name, ...given }: Given): Promise<void> {
  const page = globalThis as unknown as InPage & { readonly SharedWorker: new (file: string, options: object) => EventTarget & { readonly port: unknown } };
  const node = await page.shared.sharedNode({
    ...given,
    ...(token !== undefined && { credentials: () => Promise.resolve(token) }),
    ...(worker !== undefined && { worker: () => new page.SharedWorker(worker, { type: 'module' }) }),
  });
  const told: string[] = [];
  const heard: unknown[] = [];
  const found: string[] = [];
  node.status$.subscribe(({ status }) => { told.push(status); });
  const port = node.rcv(node.port(), { say: (text: unknown) => { heard.push(text); }, twice: (n: number, reply: string) => node.snd(reply, 2 * n) });
  node.dbSet('tabs', name, port.id);
  node.dbMon('tabs').subscribe(({ family }) => { found.splice(0, Infinity, ...[...family.keys()].sort()); });
  Object.assign(globalThis, { node, told, heard, found, port: port.id });
}

/** A node that counts its WebSockets; it can be started again at the same place. */
async function startServer(options: Partial<NodeOptions> = {}) {
  const http = createServer();
  const sockets = new Set<Duplex>();
  let opened = 0;
  http.on('upgrade', (_, socket) => {
    opened++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const start = () => createNode({
    ...{ nodeid: 'server', binds: ['ws://server/mp'], secret: SECRET, log: recordedLog() },
    transports: [webSocketTransport({ server: http, origins: [site.origin] })],
    ...options,
  });
  let node = await start();
  closing.push(async () => {
    await node.close({ timeout: 0 });
    await new Promise((resolve) => http.close(resolve));
  });
  return {
    seed: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mp`,
    sockets,
    opened: () => opened,
    node: () => node,
    async restart(): Promise<void> {
      await node.close();
      node = await start();
    },
  };
}

/** What a tab has set, by its name, as the server sees it. */
function watchTabs(node: MpNode): ReadonlyMap<string, string> {
  const here = new Map<string, string>();
  node.dbMon('tabs').subscribe(({ family }) => {
    here.clear();
    for (const [name, port] of family) here.set(name, String(port));
  });
  return here;
}

async function openTab(given: Given): Promise<Tab> {
  const tab = await tabs.open(site.origin);
  closing.push(() => tab.close().catch(() => undefined));
  await tab.call(enter, given);
  await tab.until(`told.at(-1) === 'connected'`);
  return tab;
}

describe.each([
  ['a SharedWorker', '/worker.js'],
  ['one of the tabs', undefined],
])('A4: tabs that share a connection, which is held by %s', (_, worker) => {
  const how = worker === undefined ? 'tab' : 'worker';

  async function three(resumeTime: number) {
    const server = await startServer({ resumeTime });
    const here = watchTabs(server.node());
    const given = { seeds: [server.seed], secret: SECRET, resumeTime, worker };
    const all: Tab[] = [];
    for (const name of ['one', 'two', 'three']) all.push(await openTab({ ...given, name }));
    await eventually('all tabs', () => here.size === 3);
    for (const tab of all) await tab.until('found.length === 3');
    return { server, here, given, all };
  }

  it('are nodes of their own over one WebSocket, with messages both ways, and between them', { timeout: 60_000 }, async () => {
    const { server, here, all } = await three(0);
    const node = server.node();
    expect([server.sockets.size, server.opened()]).toEqual([1, 1]);
    const heard: unknown[] = [];
    const port = node.rcv(node.port(), { say: (text: unknown) => { heard.push(text); } });
    for (const [n, tab] of all.entries()) await tab.evaluate(`node.snd(${JSON.stringify(port.id)}, 'say', ${n})`);
    await eventually('what the tabs say', () => heard.length === 3);
    expect(heard.sort()).toEqual([0, 1, 2]);
    for (const to of here.values()) node.snd(to, 'say', 'hello');
    for (const tab of all) await tab.until(`heard.includes('hello')`);
    // a tab calls another one, through the server
    expect(await all[0]!.evaluate(`rxjs.firstValueFrom(node.cal(${JSON.stringify(here.get('three'))}, 'twice', 21))`)).toEqual([42]);
    expect([server.sockets.size, server.opened()]).toEqual([1, 1]);
  });

  it('one that is closed is gone at once, and its ports are dead', { timeout: 60_000 }, async () => {
    const { server, here, all } = await three(60_000);
    const died: unknown[] = [];
    server.node().mon(here.get('two')!, (...reason: unknown[]) => { died.push(reason[0]); });
    const began = performance.now();
    await all[1]!.close();
    await eventually('the end of a tab', () => !here.has('two') && died.length > 0);
    expect(note(`a closed tab is gone, ${how}`, performance.now() - began)).toBeLessThan(AT_ONCE);
    expect([...here.keys()].sort()).toEqual(['one', 'three']);
    expect([server.sockets.size, server.opened()]).toEqual([1, 1]);
  });

  it.each([0, 60_000])('the first one that is closed is gone at once, and the others are back by themselves: resumeTime %i', { timeout: 60_000 }, async (resumeTime) => {
    const { server, here, all } = await three(resumeTime);
    const port = server.node().port();
    const heard: number[] = [];
    void server.node().rcv(port, (n: number) => { heard.push(n); });
    await all[2]!.evaluate(`void (window.n = 0, setInterval(() => node.snd(${JSON.stringify(port.id)}, n++), 5))`);
    await eventually('some numbers', () => heard.length > 20);
    const began = performance.now();
    await all[0]!.close();
    await eventually('the end of a tab', () => !here.has('one'));
    expect(note(`the first tab is gone, ${how}, resumeTime ${resumeTime}`, performance.now() - began)).toBeLessThan(AT_ONCE);
    const { length } = heard;
    await eventually('the others', () => heard.length > length + 20 && here.size === 2);
    expect(note(`the others are back, ${how}, resumeTime ${resumeTime}`, performance.now() - began)).toBeLessThan(BACK);
    expect(server.sockets.size).toBe(1);
    // nothing lost, nothing twice
    if (resumeTime > 0 || worker !== undefined) expect(heard).toEqual(Array.from(heard, (__, n) => n));
    expect(await all[1]!.evaluate('told.at(-1)')).toBe('connected');
  });

  it('are back when the server was started again', { timeout: 60_000 }, async () => {
    const { server, all } = await three(0);
    await server.restart();
    const here = watchTabs(server.node());
    await eventually('all tabs', () => here.size === 3, 20_000);
    for (const tab of all) await tab.until(`told.at(-1) === 'connected'`);
    expect(server.sockets.size).toBe(1);
  });

  it('with another secret do not share it', { timeout: 60_000 }, async () => {
    const { server, given } = await three(0);
    const other = await startServer({ secret: 'another one' });
    await openTab({ ...given, seeds: [other.seed], secret: 'another one', name: 'four' });
    expect([server.sockets.size, other.sockets.size]).toEqual([1, 1]);
  });

  it('are back when a page that the browser has kept is shown again', { timeout: 60_000 }, async () => {
    const { server, here, all } = await three(0);
    await all[0]!.goTo(`${site.origin}/other`);
    await eventually('the end of a tab', () => !here.has('one'));
    await eventually('the others', () => here.size === 2 && server.sockets.size === 1);
    await all[0]!.evaluate('history.back()');
    await eventually('all of them', () => here.size === 3);
    expect(server.sockets.size).toBe(1);
  });

  it('are back within two seconds when one of them is seen again and the connection is lost', { timeout: 60_000 }, async () => {
    const server = await startServer();
    const here = watchTabs(server.node());
    const proxy = await startProxy(server.seed);
    const given = { seeds: [`${proxy.address}/mp`], secret: SECRET, resumeTime: 60_000, worker };
    const [one] = [await openTab({ ...given, name: 'one' }), await openTab({ ...given, name: 'two' })];
    await eventually('both', () => here.size === 2);
    const port = server.node().port();
    let heard = 0;
    void server.node().rcv(port, () => { heard++; });
    proxy.forget();
    const began = performance.now();
    await one.front();
    await one.evaluate(`void setInterval(() => node.snd(${JSON.stringify(port.id)}, 1), 20)`);
    await eventually('the tab', () => heard > 0);
    expect(note(`back when visible, ${how}`, performance.now() - began)).toBeLessThan(BACK);
  });

  it('are not disturbed for long when the first one is frozen', { timeout: 60_000 }, async () => {
    const { server, here, all } = await three(0);
    await all[0]!.freeze();
    await eventually('the end of a tab', () => !here.has('one'));
    await eventually('the others', () => here.size === 2 && server.sockets.size === 1);
    await all[0]!.thaw();
    await eventually('all of them', () => here.size === 3);
    expect(server.sockets.size).toBe(1);
  });

  it('are guests of their own, with their own credentials', { timeout: 60_000 }, async () => {
    const visits: (string | undefined)[] = [];
    const server = await startServer({
      guests: {
        admit(user, { origin }) {
          visits.push(origin);
          return { user, may: [send('server#lobby'), write('tabs', { key: user })] };
        },
      },
    });
    const here = watchTabs(server.node());
    const users: string[] = [];
    server.node().guests$.subscribe((guests) => { users.splice(0, Infinity, ...guests.map(({ user }) => user).sort()); });
    for (const name of ['ada', 'bob']) await openTab({ seeds: [server.seed], token: name, name, resumeTime: 0, worker });
    await eventually('both', () => here.size === 2);
    expect(server.sockets.size).toBe(1);
    // the first one also stands for the connection itself
    expect(users).toEqual(['ada', 'ada', 'bob']);
    expect(new Set(visits)).toEqual(new Set([site.origin]));
  });
});

describe('A4: a worker that has ended', () => {
  it('is followed by another one, and all tabs are back within two seconds', { timeout: 60_000 }, async () => {
    const server = await startServer();
    const here = watchTabs(server.node());
    const given = { seeds: [server.seed], secret: SECRET, resumeTime: 0, worker: '/worker.js' };
    const [one] = [await openTab({ ...given, name: 'one' }), await openTab({ ...given, name: 'two' })];
    await eventually('both', () => here.size === 2);
    const began = performance.now();
    await one.evaluate(`new BroadcastChannel('end').postMessage(1)`);
    await eventually('the end of the worker', () => here.size === 0);
    await eventually('both', () => here.size === 2);
    expect(note('back with another worker', performance.now() - began)).toBeLessThan(BACK);
    expect([server.sockets.size, server.opened()]).toEqual([1, 2]);
  });
});

describe('A4: a worker that is not one', () => {
  it.each([['/no-such-file.js', 'is its file there?'], ['/silent.js', 'expected that its file calls serveTabs()']])('is an error for people: %s', { timeout: 60_000 }, async (worker, text) => {
    const tab = await tabs.open(site.origin);
    closing.push(() => tab.close());
    await expect(tab.call(enter, { seeds: ['ws://127.0.0.1:9/mp'], secret: SECRET, resumeTime: 0, name: 'x', worker })).rejects.toThrow(text);
  });
});
