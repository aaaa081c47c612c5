import { firstValueFrom } from 'rxjs';
import { createNode, type Connection, type MpNode, type NodeOptions, type Port } from 'rxmp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type RecordedLog, type World } from '../../../marbles/world.js';
import { certificate } from '../../fixtures/certificates.js';

type Words = ['hello', string] | ['ask', string];
type Logging = MpNode & { readonly log: RecordedLog };

let world: World;
beforeEach(() => { world = createWorld({ delay: 1 }); });
afterEach(() => world.close());

const run = (ms = 3_000): void => { world.clock.runFor(ms); };
const promises = (): Promise<unknown> => new Promise(setImmediate);
/** A node without binds. */
const start = (host: string, seeds: readonly string[], options: NodeOptions = {}): Promise<Logging> =>
  world.start(host, { binds: [], seeds: seeds.map((seed) => `memory://${seed}`), ...options });

/** A port that notes what it hears, and answers. */
function listener(node: MpNode): { readonly port: Port<Words>; readonly got: string[] } {
  const got: string[] = [];
  const port = node.rcv(node.port<Words>(), {
    hello: (name: string) => got.push(name),
    ask: (reply: string) => { node.snd(reply, 'answer'); },
  });
  return { port, got };
}

function connectionsOf(node: MpNode): string[] {
  const all: Connection[] = [];
  node.connections$.subscribe((connection) => all.push(connection)).unsubscribe();
  return all.map(({ node: peer, remoteAddress }) => `${peer} at ${remoteAddress}`);
}
const warnings = (...nodes: readonly Logging[]): string[] => nodes.flatMap(({ log }) => log.lines.filter((line) => /^(warn|error)/.test(line)));

describe('S23, V5: private nodes reach each other through a node that both are connected with', () => {
  it('sends, monitors and calls, and says nothing of it in the log', async () => {
    const hub = await world.start('hub', { global: true });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    const { port, got } = listener(b);
    const [answers, reasons]: [unknown[], unknown[]] = [[], []];
    a.snd(port, 'hello', 'world');
    a.cal(port, 'ask').subscribe((answer) => answers.push(answer));
    a.mon(port, (...reason) => reasons.push(reason));
    run();
    expect([got, answers, reasons]).toEqual([['world'], [['answer']], []]);
    b.kil(port, 'over');
    run();
    expect(reasons).toEqual([['over']]);
    expect(warnings(hub, a, b)).toEqual([]);
  });

  it('connections$ shows the relay at both ends (V8)', async () => {
    await world.start('hub', { global: true });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    a.snd(listener(b).port, 'hello', 'b');
    run();
    expect(connectionsOf(a)).toEqual(['hub at memory://hub', 'b at via:hub']);
    expect(connectionsOf(b)).toEqual(['hub at memory://hub', 'a at via:hub']);
  });

  it('also where the two have different masters', async () => {
    await world.start('hub1', { global: true });
    await world.start('hub2', { global: true, seeds: ['memory://hub1'] });
    const [a, b] = [await start('a', ['hub1']), await start('b', ['hub2'])];
    run();
    const { port, got } = listener(b);
    a.snd(port, 'hello', 'from far');
    run();
    expect(got).toEqual(['from far']);
    expect(connectionsOf(a)).toContain('b at via:hub2');
  });

  it('when both begin at the same time there is one connection, and nothing is lost', async () => {
    await world.start('hub', { global: true });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    const [there, here] = [listener(b), listener(a)];
    a.snd(there.port, 'hello', 'b');
    b.snd(here.port, 'hello', 'a');
    run();
    expect([there.got, here.got]).toEqual([['b'], ['a']]);
    expect([connectionsOf(a).length, connectionsOf(b).length]).toEqual([2, 2]);
  });

  it('100,000 messages and 8 MB arrive whole and in order', async () => {
    await world.start('hub', { global: true });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    const got: string[] = [];
    const port = b.port<[string]>((text) => got.push(text));
    const sent = Array.from({ length: 100_000 }, (_, i) => `${i}`);
    for (const text of sent.slice(0, 50_000)) a.snd(port, text);
    a.snd(port, '🙂'.repeat(2_000_000));
    for (const text of sent.slice(50_000)) a.snd(port, text);
    run(10_000);
    expect(got.length).toBe(100_001);
    expect(got.filter((text) => text.length < 10)).toEqual(sent);
    expect(got[50_000] === '🙂'.repeat(2_000_000)).toBe(true);
  });

  it('octets go through a relay whatever the framing of its connections', async () => {
    await world.start('hub', { global: true, framings: ['json'] });
    const [a, b] = [await start('a', ['hub'], { framings: ['cbor', 'json'] }), await start('b', ['hub'], { framings: ['cbor', 'json'] })];
    run();
    const got: Uint8Array[] = [];
    const port = b.port<[Uint8Array]>((octets) => got.push(octets));
    a.snd(port, Uint8Array.from({ length: 70_000 }, (_, i) => i % 251));
    run();
    expect(got[0]?.length).toBe(70_000);
    expect(got[0]?.every((octet, i) => octet === i % 251)).toBe(true);
  });
});

describe('V6: what a relay does', () => {
  it('when it goes, monitors fire at both ends; the next use finds another one', async () => {
    await world.start('hub1', { global: true });
    await world.start('hub2', { global: true, seeds: ['memory://hub1'] });
    const [a, b] = [await start('a', ['hub1', 'hub2']), await start('b', ['hub1', 'hub2'])];
    run();
    const [there, here] = [listener(b), listener(a)];
    a.snd(there.port, 'hello', 'one');
    run();
    const relay = /via:(\w+)/.exec(connectionsOf(a).join())?.[1] ?? '';
    const reasons: unknown[] = [];
    a.mon(there.port, (...reason) => reasons.push(reason));
    b.mon(here.port, (...reason) => reasons.push(reason));
    run();
    world.network.crash(relay);
    run(100);
    expect(reasons).toEqual([
      ['transport_error', 'b', expect.stringContaining(`via:${relay}`)],
      ['transport_error', 'a', expect.stringContaining(`via:${relay}`)],
    ]);
    run();
    a.snd(there.port, 'hello', 'two');
    run(10_000);
    expect(there.got).toEqual(['one', 'two']);
    expect(connectionsOf(a)).toContain(`b at via:${relay === 'hub1' ? 'hub2' : 'hub1'}`);
  });

  it('relay: false passes nothing on, and the other one says why', async () => {
    await world.start('hub', { global: true, relay: false });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    const reasons: unknown[] = [];
    a.mon(listener(b).port, (...reason) => reasons.push(reason));
    run(40_000);
    expect(reasons).toEqual([['transport_error', 'b', 'cannot connect to via:hub#b: hub: it passes nothing on (relay: false)']]);
  });

  it('what waits in it is bounded by the window: a slow node stops the one that sends to it', async () => {
    const limits = { channelWindow: 256 * 1024 };
    await world.start('hub', { global: true, limits });
    const [a, b] = [await start('a', ['hub'], { limits }), await start('b', ['hub'], { limits })];
    run();
    const { port, got } = listener(b);
    a.snd(port, 'hello', '');
    run();
    world.network.throttle('b', 0.001);
    let taken = 0;
    while (taken < 1_000 && a.snd(port, 'hello', 'x'.repeat(100_000))) {
      taken++;
      run(1);
    }
    // what one end may have waiting, and what is on the way: two windows, and a connection's buffers
    expect(taken * 100_000).toBeLessThan(4 * 1024 * 1024);
    world.network.throttle('b', Infinity);
    run(20_000);
    expect(got.length).toBeGreaterThan(taken);
  });

  it('passes nothing on to nodes that it is not connected with itself', async () => {
    const hub = await world.start('hub', { global: true });
    const a = await start('a', ['hub']);
    run();
    const reasons: unknown[] = [];
    a.mon('nobody#x', (...reason) => reasons.push(reason));
    run(40_000);
    expect(reasons).toEqual([['transport_error', 'nobody', expect.stringContaining('no known address')]]);
    expect(warnings(hub)).toEqual([]);
  });
});

describe('V7: which way', () => {
  it('an address that can be reached is taken, not a relay', async () => {
    await world.start('hub', { global: true });
    const a = await start('a', ['hub']);
    const b = await world.start('b', { seeds: ['memory://hub'] });
    run();
    a.snd(listener(b).port, 'hello', 'b');
    run();
    expect(connectionsOf(a)).toContain('b at memory://b');
  });

  it.each(['refuse', 'silence'] as const)('a relay serves where the address can not be reached: %s', async (fault) => {
    await world.start('hub', { global: true });
    const a = await start('a', ['hub'], { monitorTimeout: 10_000 });
    const b = await world.start('b', { seeds: ['memory://hub'] });
    run();
    world.network[fault]('a', 'b');
    const { port, got } = listener(b);
    a.snd(port, 'hello', 'b');
    run(6_000);
    expect(got).toEqual(['b']);
    expect(connectionsOf(a)).toContain('b at via:hub');
  });

  it('of several relays the one with the least round-trip time', async () => {
    await world.start('far', { global: true });
    await world.start('near', { global: true, seeds: ['memory://far'] });
    world.network.delay('a', 'far', 100);
    const [a, b] = [await start('a', ['far', 'near']), await start('b', ['far', 'near'])];
    run();
    a.snd(listener(b).port, 'hello', 'b');
    run();
    expect(connectionsOf(a)).toContain('b at via:near');
  });

  it('advertise: other addresses are told than those that are bound', async () => {
    const hub = await world.start('hub', { global: true });
    const b = await world.start('b', { seeds: ['memory://hub'], advertise: ['memory://proxy'] });
    run();
    const told: unknown[] = [];
    hub.dbFamily("'w").subscribe((family) => told.push(family.get('b')));
    run();
    expect(b.addresses).toEqual(['memory://b']);
    expect(told).toEqual([['memory://proxy']]);
    await expect(start('c', [], { advertise: ['not an address'] })).rejects.toThrow('"not an address" is no address');
    await expect(start('d', [], { advertise: 'memory://x' as never })).rejects.toThrow('the option "advertise" is "memory://x": expected an array of texts');
  });
});

describe('S38: a node that closes', () => {
  it('what it has sent through a relay leaves first', async () => {
    await world.start('hub', { global: true });
    const [a, b] = [await start('a', ['hub']), await start('b', ['hub'])];
    run();
    const { port, got } = listener(b);
    a.snd(port, 'hello', 'one');
    run();
    for (let i = 0; i < 20; i++) a.snd(port, 'hello', 'x'.repeat(100_000));
    let closed = false;
    void a.close().then(() => { closed = true; });
    run();
    await promises();
    expect([got.length, closed]).toEqual([21, true]);
    expect(warnings(a)).toEqual([]);
    expect(world.network.connections).toBe(1);
  });

  it('waits no longer than it may for one that takes nothing, and says what is lost', async () => {
    const patient = { monitorTimeout: 60_000, limits: { channelWindow: 256 * 1024 } };
    await world.start('hub', { global: true, ...patient });
    const [a, b] = [await start('a', ['hub'], patient), await start('b', ['hub'], patient)];
    run();
    const { port } = listener(b);
    a.snd(port, 'hello', 'one');
    run();
    world.network.throttle('b', 0.001);
    for (let i = 0; i < 20; i++) a.snd(port, 'hello', 'x'.repeat(100_000));
    run();
    let closed = false;
    void a.close({ timeout: 1_000 }).then(() => { closed = true; });
    run(900);
    await promises();
    expect(closed).toBe(false);
    run(200);
    await promises();
    expect(closed).toBe(true);
    expect(warnings(a)).toEqual([expect.stringMatching(/^warn \d{7} bytes for b had not left 1000 ms after the node was closed: they are lost$/)]);
  });
});

describe('private nodes on real sockets', () => {
  it('reach each other', async () => {
    const options = { secret: 'a secret of private nodes' };
    await using hub = await createNode({ binds: ['127.0.0.1:0'], ...options });
    await using a = await createNode({ seeds: hub.addresses, ...options });
    await using b = await createNode({ seeds: hub.addresses, ...options });
    await expect.poll(() => hub.nodeIsUp(b.id)).toBe(true);
    expect(await firstValueFrom(a.cal(listener(b).port, 'ask'))).toEqual(['answer']);
  });

  it('with TLS from end to end, which the relay can not read', async () => {
    const cert = await certificate({ hosts: ['127.0.0.1'] });
    const options = { secret: 'a secret of private nodes', cert };
    await using hub = await createNode({ binds: ['127.0.0.1:0'], ...options });
    await using a = await createNode({ seeds: hub.addresses, ...options });
    await using b = await createNode({ nodeid: 'b', seeds: hub.addresses, ...options });
    await expect.poll(() => hub.nodeIsUp('b')).toBe(true);
    expect(await firstValueFrom(a.cal(listener(b).port, 'ask'))).toEqual(['answer']);
    const all: Connection[] = [];
    a.connections$.subscribe((connection) => all.push(connection)).unsubscribe();
    expect(all.find(({ node }) => node === 'b')).toMatchObject({ secure: true, remoteAddress: `via:${hub.id}` });
  });
});
