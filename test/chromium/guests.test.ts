import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type * as rxjs from 'rxjs';
import type * as rxmp from 'rxmp';
import { createNode, webSocketTransport, type MpNode, type NodeStatus } from 'rxmp';
import { send, write, type GuestHandle, type GuestVisit, type Right } from 'rxmp/guests';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordedLog } from '../../marbles/world.js';
import { certificate } from '../fixtures/certificates.js';
import { startProxy } from '../process/chaos-proxy.js';
import { bundleForPages, open, serve, startChromium } from './chromium.js';

/** The site's name: loopback would be allowed whatever the page's origin is. */
const HOST = 'shop.example';
const USERS = ['ada', 'bob'] as const;
type User = (typeof USERS)[number];

/** What a page has after {@link enter}. */
interface InPage {
  readonly rxmp: typeof rxmp;
  readonly rxjs: typeof rxjs;
  readonly node: MpNode;
  readonly statuses: readonly NodeStatus[];
  /** What `monNodes` has told: `+gate`, `-gate`. */
  readonly changes: readonly string[];
}

let browser: Browser;
let script: string;
/** Of the site, where that is on https://. */
let cert: string;
beforeAll(async () => {
  script = await bundleForPages();
  cert = await certificate({ hosts: [HOST] });
  browser = await startChromium(HOST, cert);
}, 60_000);
afterAll(() => browser.close());
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A site that gives tokens to who is signed in, with a gate on the same server; pages come to both through a network that can be switched off. */
async function shop({ lifetime = 60_000, resumeTime = 0, isSecure = false } = {}) {
  const s = isSecure ? 's' : '';
  const signedIn = new Set<User>(USERS);
  const tokens = new Map<string, { readonly user: User; readonly expires: number }>();
  const visits: GuestVisit[] = [];
  const heard: unknown[] = [];
  let fetched = 0;
  const issue = (user: User): string | undefined => {
    fetched++;
    if (!signedIn.has(user)) return undefined;
    const token = `${user}'s ${tokens.size}`;
    tokens.set(token, { user, expires: Date.now() + lifetime });
    return token;
  };
  const may = (user: User): readonly Right[] => [send('gate#lobby'), send({ family: 'rooms' }), write('presence', { key: user })];

  const site = await serve(script, Object.fromEntries(USERS.map((user) => [`/token/${user}`, () => issue(user)])), isSecure ? cert : undefined);
  closing.push(site.close);
  const gate = await createNode({
    ...{ nodeid: 'gate', binds: [`ws${s}://server/mp`], transports: [webSocketTransport({ server: site.server })], log: recordedLog(), resumeTime, monitorTimeout: 20_000 },
    guests: {
      admit(credentials, visit) {
        visits.push(visit);
        const token = tokens.get(credentials);
        return token && { ...token, may: may(token.user) };
      },
    },
  });
  closing.push(() => gate.close());
  const room = gate.port((...message: unknown[]) => { heard.push(message); });
  gate.dbReg('rooms', room);
  let inside: readonly GuestHandle[] = [];
  gate.guests$.subscribe((guests) => { inside = guests; });

  const proxy = await startProxy(new URL(site.origin).host);
  const host = `${HOST}:${proxy.address.split(':').at(-1) ?? ''}`;
  return {
    ...{ gate, proxy, visits, heard, signedIn, room: room.id, origin: `http${s}://${host}` },
    fetched: () => fetched,
    inside: () => inside,
    /** Opens a page whose node is a guest. */
    async page(user: User): Promise<Page> {
      const page = await open(browser, `http${s}://${host}`);
      closing.push(() => page.close());
      await page.evaluate(enter, { seed: `ws${s}://${host}/mp`, user, resumeTime });
      await page.waitForFunction("node.nodeIsUp('gate')");
      return page;
    },
  };
}

/** Runs in the page. */
async function enter({ seed, user, resumeTime }: { seed: string; user: string; resumeTime: number }): Promise<void> {
  const page = globalThis as unknown as { rxmp: typeof rxmp; fetch(path: string): Promise<{ readonly ok: boolean; text(): Promise<string> }> };
  const node = await page.rxmp.createNode({
    ...{ seeds: [seed], resumeTime, monitorTimeout: 20_000 },
    async credentials() {
      const response = await page.fetch(`/token/${user}`);
      if (!response.ok) throw new Error('please sign in');
      return await response.text();
    },
  });
  const [statuses, changes]: [NodeStatus[], string[]] = [[], []];
  node.status$.subscribe((status) => { statuses.push(status); });
  node.monNodes().subscribe(({ node: id, up }) => { changes.push(`${up ? '+' : '-'}${id}`); });
  Object.assign(globalThis, { node, statuses, changes });
}

const statusesOf = (page: Page): Promise<readonly NodeStatus[]> => page.evaluate('statuses');
const changesOf = (page: Page): Promise<readonly string[]> => page.evaluate('changes');

/** Runs in the page: numbers to a port, all the time until `stop()`; `sent` counts them. */
function count(port: string): void {
  const { node } = globalThis as unknown as InPage;
  const mine = { sent: 0 };
  const timer = setInterval(() => { node.snd(port, mine.sent++); }, 20);
  Object.assign(globalThis, { mine, stop: () => { clearInterval(timer); } });
}

/** Ends {@link count}; gives what should have come. */
async function counted(page: Page): Promise<readonly unknown[]> {
  await page.evaluate('stop()');
  return Array.from({ length: await page.evaluate<number>('mine.sent') }, (_, i) => [i]);
}

describe('G9: a page', () => {
  it('on https:// shows them over wss:// only', async () => {
    const { page, visits, gate, origin } = await shop({ isSecure: true });
    const secure: boolean[] = [];
    gate.connections$.subscribe((connection) => { secure.push(connection.secure); });
    const ada = await page('ada');
    expect(visits).toMatchObject([{ origin }]);
    expect(secure).toEqual([true]);
    const seed = origin.replace('https', 'ws');
    const error = await ada.evaluate((address) => {
      const { rxmp: { createNode: create } } = globalThis as unknown as InPage;
      return create({ seeds: [address], credentials: () => { throw new Error('nobody asks for these'); } }).then(() => 'is there', String);
    }, seed);
    expect(error).toContain('(G9)');
  });

  it('shows its credentials to its own origin over ws://, and to no other', async () => {
    const { page, visits, origin } = await shop();
    const ada = await page('ada');
    expect(visits).toMatchObject([{ origin, remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string }]);
    const seed = `ws://other.example:${new URL(origin).port}/mp`;
    const error = await ada.evaluate((address) => {
      const { rxmp: { createNode: create } } = globalThis as unknown as InPage;
      return create({ seeds: [address], credentials: () => { throw new Error('nobody asks for these'); } }).then(() => 'is there', String);
    }, seed);
    expect(error).toBe(`TypeError: credentials are not sent to ${seed}, where others could read them: expected wss://, or the page's own origin (G9)`);
  });
});

const SITES: readonly (readonly [origin: string, isSecure: boolean])[] = [['http://', false], ['https://', true]];

describe('G7: tokens of a page', () => {
  it.each(SITES)('are renewed while it is connected, without a break, on %s', { timeout: 60_000 }, async (_, isSecure) => {
    const { page, visits, heard, room, inside, fetched } = await shop({ lifetime: 4_000, isSecure });
    const ada = await page('ada');
    const [first] = inside();
    await ada.evaluate(count, room);
    await expect.poll(() => visits.length, { timeout: 20_000 }).toBe(4);
    const sent = await counted(ada);
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(sent.length);
    expect(heard).toEqual(sent);
    expect(sent.length).toBeGreaterThan(200);
    expect(await changesOf(ada)).toEqual(['+gate']);
    expect((await statusesOf(ada)).map(({ status }) => status).slice(-1)).toEqual(['connected']);
    expect([inside()[0]?.id, fetched()]).toEqual([first?.id, 4]);
  });

  it('that are not renewed end its visit; it is told why, and comes again with others', { timeout: 60_000 }, async () => {
    const { page, signedIn, inside, visits } = await shop({ lifetime: 2_000 });
    const ada = await page('ada');
    const logged: string[] = [];
    ada.on('console', (message) => logged.push(message.text()));
    const { id } = inside()[0] ?? {};
    signedIn.delete('ada');
    await ada.waitForFunction("changes.includes('-gate')");
    await ada.waitForFunction("statuses.at(-1).why?.code === 'credentials'");
    expect((await statusesOf(ada)).at(-1)).toMatchObject({ status: 'connecting', why: { text: 'there are no credentials: please sign in' } });
    expect(logged).toContainEqual(expect.stringContaining('the gate has sent this guest away: the credentials have expired'));
    expect(inside()).toEqual([]);
    const before = visits.length;
    signedIn.add('ada');
    await ada.waitForFunction("node.nodeIsUp('gate')", undefined, { timeout: 20_000 });
    expect(await changesOf(ada)).toEqual(['+gate', '-gate', '+gate']);
    expect(visits.length).toBeGreaterThan(before);
    await expect.poll(() => inside()[0]?.id).toBe(id);
  });

  it.each(SITES)('that are revoked: it is told why, and tries no more, on %s', async (_, isSecure) => {
    const { page, gate, fetched, visits, origin } = await shop({ isSecure });
    const ada = await page('ada');
    expect(gate.revoke('ada', 'you have been rude')).toBe(1);
    await ada.waitForFunction("statuses.at(-1).status === 'alone'");
    const before = [fetched(), visits.length];
    await wait(5_000);
    expect((await statusesOf(ada)).at(-1)).toEqual({ status: 'alone', why: { code: 'revoked', text: 'you have been rude', seed: `${origin.replace('http', 'ws')}/mp` } });
    expect([fetched(), visits.length]).toEqual(before);
  });
});

describe('G1, G3: pages', () => {
  it('talk with each other after an introduction, and not before', async () => {
    const { page, gate, heard, room } = await shop();
    const [ada, bob] = [await page('ada'), await page('bob')];
    for (const one of [ada, bob]) {
      await one.evaluate((address) => {
        const { node } = globalThis as unknown as InPage;
        const got: unknown[] = [];
        const port = node.port((...message: unknown[]) => { got.push(message); });
        Object.assign(globalThis, { got, port: port.id });
        node.snd(address, port.id);
      }, room);
    }
    await expect.poll(() => heard.length).toBe(2);
    const ports: readonly string[] = await Promise.all([ada, bob].map((one) => one.evaluate<string>('port')));
    const [adas = '', bobs = ''] = ports;
    expect(ports.map((port) => gate.guest(port)?.user)).toEqual(['ada', 'bob']);

    expect(await ada.evaluate((port) => {
      const { node, rxjs: { firstValueFrom } } = globalThis as unknown as InPage;
      node.snd(port, 'hello?');
      return firstValueFrom(node.mon(port));
    }, bobs)).toEqual(['forbidden', bobs]);

    gate.snd(adas, 'meet', bobs);
    await ada.waitForFunction('got.length > 0');
    await ada.evaluate(([from, to]) => { (globalThis as unknown as InPage).node.snd(to, 'hello', from); }, [adas, bobs] as const);
    await bob.waitForFunction('got.length > 0');
    expect(await bob.evaluate('got')).toEqual([['hello', adas]]);
    await bob.evaluate((to) => { (globalThis as unknown as InPage).node.snd(to, 'hello yourself'); }, adas);
    await ada.waitForFunction('got.length > 1');

    await ada.evaluate((port) => {
      const { node } = globalThis as unknown as InPage;
      const deaths: unknown[] = [];
      node.mon(port).subscribe((reason) => deaths.push(reason));
      Object.assign(globalThis, { deaths });
    }, bobs);
    await bob.close();
    await ada.waitForFunction('deaths.length > 0');
    expect(await ada.evaluate('deaths[0][0]'), 'the gate has seen that page go').toBe('transport_error');
  });

  it('see what is forbidden as Forbidden, with the right that it would take', async () => {
    const { page, gate } = await shop();
    const secret = gate.port(() => { throw new Error('nobody may send to this'); });
    const ada = await page('ada');
    const told = await ada.evaluate(async (port) => {
      const { node, rxmp: { Forbidden }, rxjs: { firstValueFrom } } = globalThis as unknown as InPage;
      const shown = (error: unknown): unknown => (error instanceof Forbidden ? [error.code, error.what, error.right] : String(error));
      const failed = (attempt: () => Promise<unknown>): Promise<unknown> => attempt().then(() => 'it was allowed', shown);
      return [
        await failed(() => firstValueFrom(node.cal(port, 'let me in'))),
        await failed(() => firstValueFrom(node.cal('gate', 'shop::prices'))),
        await failed(() => firstValueFrom(node.dbMon('accounts'))),
        await failed(() => Promise.resolve().then(() => node.dbSet('presence', 'bob'))),
        await failed(() => Promise.resolve().then(() => node.dbSet('presence', 'ada'))),
      ];
    }, secret.id);
    expect(told).toEqual([
      ['FORBIDDEN', `to use "${secret.id}"`, `send("${secret.id}")`],
      ['FORBIDDEN', 'to call "shop::prices" on "gate"', 'spawn("shop::prices", { node: "gate" })'],
      ['FORBIDDEN', 'to watch "accounts"', 'read("accounts")'],
      ['FORBIDDEN', 'to set "bob" in "presence"', 'write("presence", { key: "bob" })'],
      'it was allowed',
    ]);
  });
});

describe('G10: a page that is offline for 3 s', () => {
  it('keeps its id, rights and keys, and nothing is lost', { timeout: 60_000 }, async () => {
    const { page, gate, proxy, heard, room, visits, inside, fetched } = await shop({ resumeTime: 15_000 });
    const ada = await page('ada');
    const presence: string[] = [];
    gate.dbMon('presence').subscribe(({ family }) => { presence.push([...family.keys()].join(' ')); });
    await ada.evaluate("void node.dbSet('presence', 'ada', 1)");
    await expect.poll(() => presence.at(-1)).toBe('ada');
    const [before] = inside();
    await ada.evaluate(count, room);
    await expect.poll(() => heard.length).toBeGreaterThan(5);
    await ada.context().setOffline(true);
    // what has a socket already keeps it where only the browser is told
    proxy.cut();
    await wait(3_000);
    expect((await statusesOf(ada)).at(-1)).toMatchObject({ status: 'offline' });
    const meanwhile = heard.length;
    proxy.heal();
    await ada.context().setOffline(false);
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(meanwhile + 100);
    const sent = await counted(ada);
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(sent.length);
    expect(heard).toEqual(sent);
    expect(await changesOf(ada)).toEqual(['+gate']);
    expect(presence.slice(presence.indexOf('ada')).filter((keys) => keys !== 'ada')).toEqual([]);
    expect([inside()[0]?.id, inside()[0]?.since, visits.length, fetched()]).toEqual([before?.id, before?.since, 1, 1]);
  });
});
