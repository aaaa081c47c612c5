import { createNode, type MpNode } from 'rxmp';
import { createNetwork, silentLog } from 'rxmp/testing';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, recordedLog, type RecordedLog, type World } from '../../../marbles/world.js';
import { certificate } from '../../fixtures/certificates.js';
import { slowWay, type SlowWay } from '../../fixtures/slow-way.js';

const MB = 1_000_000;
const PIECE = 'x'.repeat(50_000);
/** Sends so many megabytes, in messages of 50 kB. */
const sendTo = (node: MpNode, port: string, megabytes: number): void => {
  for (let n = 0; n < megabytes * 20; n++) node.snd(port, PIECE);
};
/** What the log has warned of. */
const warnings = ({ lines }: RecordedLog): string[] => lines.filter((line) => line.startsWith('warn')).map((line) => line.slice(5));
const lost = (log: RecordedLog): number => warnings(log).reduce((sum, line) => sum + Number(/^(\d+) bytes for /.exec(line)?.[1] ?? 0), 0);

describe('S38: a node that is closed with much to say to a slow peer', () => {
  /** `a` has said something to `b` and `c`, of which the network has taken what it takes of hosts that are frozen. */
  async function build(monitorTimeout = 600_000) {
    const world = createWorld({ delay: 1 });
    const got = { b: 0, c: 0 };
    const a = await world.start('a', { monitorTimeout });
    const ports = [];
    for (const name of ['b', 'c'] as const) {
      const node = await world.start(name, { seeds: ['memory://a'], monitorTimeout });
      ports.push(node.port((text: string) => (got[name] += text.length)).id);
    }
    world.clock.runFor(3_000);
    const [b = '', c = ''] = ports;
    return { world, got, a, b, c };
  }

  it('waits 5 s, drops the rest, and warns of each peer with its bytes', async () => {
    const { world, got, a, b, c } = await build();
    for (const host of ['b', 'c']) world.network.freeze(host);
    sendTo(a, b, 20);
    sendTo(a, c, 5);
    let closed = -1;
    const start = world.clock.now();
    void a.close().then(() => (closed = world.clock.now() - start));
    await run(world, 4_999);
    expect([closed, warnings(a.log)]).toEqual([-1, []]);
    await run(world, 1);
    expect(closed).toBe(5_000);
    expect(warnings(a.log)).toEqual([
      expect.stringMatching(/^\d{8} bytes for b had not left 5000 ms after the node was closed: they are lost$/),
      expect.stringMatching(/^\d{7} bytes for c had not left 5000 ms after the node was closed: they are lost$/),
    ]);
    for (const host of ['b', 'c']) world.network.thaw(host);
    await run(world, 1_000);
    // the bytes are those of messages with what is around them
    expect(got.b + got.c + lost(a.log)).toBeGreaterThanOrEqual(25 * MB);
    expect(got.b + got.c + lost(a.log)).toBeLessThan(25.2 * MB);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('waits as long as it is told, and says nothing when all has left', async () => {
    const { world, got, a, b } = await build();
    world.network.throttle('b', 1_000);
    sendTo(a, b, 20);
    let closed = -1;
    const start = world.clock.now();
    void a.close({ timeout: 60_000 }).then(() => (closed = world.clock.now() - start));
    await run(world, 60_000);
    expect(closed).toBeGreaterThan(15_000);
    expect(closed).toBeLessThan(22_000);
    expect([got.b, warnings(a.log)]).toEqual([20 * MB, []]);
    await world.close();
  });

  it.each([0, 1, 700, 20_000])('with timeout %d it waits that long, and no longer', async (timeout) => {
    const { world, a, b } = await build();
    world.network.freeze('b');
    sendTo(a, b, 20);
    let closed = -1;
    const start = world.clock.now();
    void a.close({ timeout }).then(() => (closed = world.clock.now() - start));
    // the first call counts
    void a.close({ timeout: 1_000_000 });
    await run(world, timeout);
    expect(closed).toBe(timeout);
    expect(lost(a.log)).toBeGreaterThan(19 * MB);
    await world.close();
  });

  it('with Infinity it waits until the peer reads, or is gone', async () => {
    for (const end of ['thaw', 'crash'] as const) {
      const { world, got, a, b } = await build();
      world.network.freeze('b');
      sendTo(a, b, 20);
      let closed = -1;
      const start = world.clock.now();
      void a.close({ timeout: Infinity }).then(() => (closed = world.clock.now() - start));
      await run(world, 100_000);
      expect([closed, warnings(a.log)]).toEqual([-1, []]);
      world.network[end]('b');
      await run(world, 100);
      expect(closed).toBeGreaterThanOrEqual(100_000);
      expect(got.b > 19 * MB).toBe(end === 'thaw');
      expect(warnings(a.log).length).toBe(end === 'thaw' ? 0 : 1);
      await world.close();
    }
  });

  it('reads meanwhile, so that two that close at once with much to say to each other need no time-out', async () => {
    const { world, a, b: port } = await build();
    const b = await world.start('d', { seeds: ['memory://a'], monitorTimeout: 600_000 });
    const back = a.port(() => undefined).id;
    world.clock.runFor(3_000);
    expect(port).toMatch(/^b#/);
    sendTo(a, b.port(() => undefined).id, 5);
    sendTo(b, back, 5);
    let closed = 0;
    const start = world.clock.now();
    for (const node of [a, b]) void node.close().then(() => (closed = world.clock.now() - start));
    await run(world, 1_000);
    expect(closed).toBeGreaterThan(0);
    expect(closed).toBeLessThan(1_000);
    await world.close();
  });

  it('what waits for a connection is lost at once, and told of too', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://nobody'] });
    a.snd('b#port', 'x'.repeat(1_000));
    let closed = false;
    void a.close().then(() => (closed = true));
    await run(world, 0);
    expect(closed).toBe(true);
    expect(warnings(a.log).at(-1)).toMatch(/^10\d\d bytes for b had not left when the node was closed, since there was no connection: they are lost$/);
    await world.close();
  });

  it('a test network closes though somebody has much to say', async () => {
    const network = createNetwork();
    const [a, b] = [await network.node('a'), await network.node('b', { seeds: ['a'] })];
    await network.until(() => a.nodeIsUp('b') === true, 5_000);
    network.wire.throttle('b', 1_000);
    sendTo(a, b.port(() => undefined).id, 10);
    await network.close();
  });
});

/** A write counts as unsent until all of it has left: two pieces of the outbox, and what TLS adds to them. */
const MOST_OF_A_WRITE = 2 * 256 * 1024 + 20_000;

describe('S38: the same on sockets', () => {
  const secret = 'of the slow peers of this test';
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  /** A node that is connected with another one by a way that lets nothing through any more, over which it has sent 20 MB. */
  async function build(scheme: string): Promise<{ client: MpNode; log: RecordedLog; way: SlowWay; got: () => number }> {
    const url = scheme === 'ws' || scheme === 'wss';
    const cert = scheme === 'tcp' || scheme === 'ws' ? undefined : await certificate({ hosts: ['127.0.0.1'] });
    const prefix = url ? `${scheme}://` : '';
    const server = await createNode({ nodeid: 'server', binds: [`${prefix}127.0.0.1:0`], secret, cert, log: silentLog, monitorTimeout: 600_000 });
    const way = await slowWay(Number(server.addresses[0]?.split(':').pop()));
    const log = recordedLog();
    const trust = cert === undefined ? {} : url ? { tls: { ca: cert } } : { cert };
    const client = await createNode({ nodeid: 'client', seeds: [`${prefix}127.0.0.1:${way.port}`], secret, ...trust, log, monitorTimeout: 600_000 });
    open.push(client, way, server);
    await expect.poll(() => client.nodeIsUp('server'), { timeout: 5_000 }).toBe(true);
    // from here on the server has nothing to say: what a socket hears after it was closed makes the system drop what it still had to send
    await firstValueFrom(client.dbFamily('any'));
    let got = 0;
    const port = server.port((text: string) => (got += text.length));
    way.rate(0);
    sendTo(client, port.id, 20);
    return { client, log, way, got: () => got };
  }

  it.each(['tcp', 'ws', 'tls', 'wss'])('over %s: counts to the message what a peer that stands still does not get, in time', { timeout: 40_000 }, async (scheme) => {
    const { client, log, way, got } = await build(scheme);
    const start = performance.now();
    await client.close({ timeout: 300 });
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(290);
    expect(took).toBeLessThan(2_000);
    expect(warnings(log)).toEqual([expect.stringMatching(/^\d+ bytes for server had not left \d+ ms after the node was closed: they are lost$/)]);
    // what the system has taken arrives
    way.rate(Infinity);
    await expect.poll(() => got() + lost(log), { timeout: 15_000 }).toBeGreaterThan(20 * MB - 300_000);
    expect(got() + lost(log)).toBeLessThan(20 * MB + MOST_OF_A_WRITE);
  });

  it.each(['tcp', 'ws', 'tls', 'wss'])('over %s: a peer that reads nothing for longer than 5 s, and then slowly, gets all within the time-out', { timeout: 40_000 }, async (scheme) => {
    const { client, log, way, got } = await build(scheme);
    const start = performance.now();
    setTimeout(way.rate, 5_600, 5 * MB);
    await client.close({ timeout: Infinity });
    expect(performance.now() - start).toBeGreaterThan(5_600);
    expect(warnings(log)).toEqual([]);
    way.rate(Infinity);
    await expect.poll(got, { timeout: 15_000 }).toBe(20 * MB);
  });
});

/** Lets time go by, with its promises. */
async function run(world: World, ms: number): Promise<void> {
  const { clock } = world;
  const end = clock.monotonic() + ms;
  for (;;) {
    clock.runFor(0);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    if (clock.monotonic() >= end) return;
    clock.runUntil(Math.min(clock.next, end));
  }
}
