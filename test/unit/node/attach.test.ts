import { firstValueFrom } from 'rxjs';
import { createNode, transfer, type AttachablePort, type Connection, type MpNode, type NodeOptions } from 'rxmp';
import { settled } from 'rxmp/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWorld, type RecordedLog, type World } from '../../../marbles/world.js';
import { portPair } from '../../fixtures/ports.js';
import { silentLog } from '../../../src/testing/index.js';

type Logging = MpNode & { readonly log: RecordedLog };

let world: World;
beforeEach(() => { world = createWorld({ delay: 1 }); });
afterEach(() => world.close());

const run = (ms = 3_000): void => { world.clock.runFor(ms); };
const imports = (): Promise<void> => vi.dynamicImportSettled();

/** A node that listens nowhere and knows nobody. */
const alone = (host: string, options: NodeOptions = {}): Promise<Logging> => world.start(host, { binds: [], secret: undefined, ...options });

/** Two nodes at the ends of a port. */
async function attached(parentOptions: NodeOptions = {}, childOptions: NodeOptions = {}, attachOptions: Parameters<MpNode['attach']>[1] = {}) {
  const [left, right] = portPair(world.clock);
  const parent = await alone('parent', parentOptions);
  const guard = parent.attach(left, attachOptions);
  await imports();
  const child = await alone('child', { attach: [right], ...childOptions });
  run();
  return { parent, child, left, right, guard };
}

function connectionsOf(node: MpNode): Connection[] {
  const all: Connection[] = [];
  node.connections$.subscribe((connection) => all.push(connection)).unsubscribe();
  return all;
}

/** What arrives at a port of a node. */
function noted(node: MpNode) {
  const got: unknown[][] = [];
  return { port: node.rcv(node.port(), (...message: unknown[]) => got.push(message)), got };
}

const warnings = (...nodes: readonly Logging[]): string[] => nodes.flatMap(({ log }) => log.lines.filter((line) => /^(warn|error)/.test(line)));

describe('V18: a port that is attached is a connection', () => {
  it('of two nodes without a secret, which send, monitor and call, and warn of nothing', async () => {
    const { parent, child } = await attached();
    const { port, got } = noted(child);
    parent.snd(port, 'hello', 1);
    const reasons: unknown[] = [];
    parent.mon(port, (...reason) => reasons.push(reason));
    run();
    child.kil(port, 'over');
    run();
    expect([got, reasons]).toEqual([[['hello', 1]], [['over']]]);
    expect(warnings(parent, child)).toEqual([]);
  });

  it('with the same handshake as any other, which nobody else could pass', async () => {
    const { parent, child } = await attached();
    const [connection] = connectionsOf(parent);
    expect(connection).toMatchObject({
      node: 'child', method: 'rxmp_sha3_512', trusted: true, secure: true, initiator: false, remoteAddress: 'port:1',
      framing: { sent: 'rxmp_values', received: 'rxmp_values' },
    });
    expect(connectionsOf(child)).toEqual([expect.objectContaining({ node: 'parent', initiator: true })]);
  });

  it('that is not trusted if it was attached so, and is told no secret', async () => {
    const { parent, left } = await attached({ secret: 'of the network' }, {}, { trusted: false, member: true });
    expect(connectionsOf(parent)).toEqual([expect.objectContaining({ node: 'child', trusted: false })]);
    expect(JSON.stringify(left.posted)).not.toContain('of the network');
  });

  it('gives no secret away unless the other end is to be a member', async () => {
    const { left } = await attached({ secret: 'of the network' });
    expect(JSON.stringify(left.posted)).not.toContain('of the network');
    const [one, other] = portPair(world.clock);
    const parent = await alone('hub', { secret: 'of the network' });
    parent.attach(one, { member: true });
    await imports();
    await alone('member', { attach: [other] });
    run();
    expect(JSON.stringify(one.posted)).toContain('of the network');
  });

  it('whichever end listens first, also where what nobody hears is lost', async () => {
    const [left, right] = portPair(world.clock);
    const child = await alone('child', { attach: [right] });
    run();
    const parent = await alone('parent');
    parent.attach(left);
    await imports();
    run(50);
    expect([parent.upNodes(), child.upNodes()]).toEqual([['child'], ['parent']]);
  });

  it('for what is sent before it is there, too', async () => {
    const [left, right] = portPair(world.clock);
    const parent = await alone('parent');
    parent.attach(left);
    parent.snd('child', 'demo::note', 'early');
    await imports();
    run(100);
    const child = await alone('child', { attach: [right] });
    const got: unknown[] = [];
    child.register('demo::note', (_, text) => got.push(text));
    run();
    expect(got).toEqual(['early']);
  });

  it('that ends when the port is closed: monitors fire at once, at both ends', async () => {
    const { parent, child, left, right } = await attached();
    const reasons: unknown[] = [];
    parent.mon(child.id, (...reason) => reasons.push(reason));
    child.mon(parent.id, (...reason) => reasons.push(reason));
    run();
    left.emit('close', undefined);
    right.emit('close', undefined);
    run(0);
    expect(reasons).toEqual([
      ['transport_error', 'child', 'connection with port:1 failed: the port was closed'],
      ['transport_error', 'parent', 'connection with port:1 failed: the port was closed'],
    ]);
    expect([left.isHeard, right.isHeard]).toEqual([false, false]);
  });

  it('that ends when the other end is silent (S16), and is made again when it speaks', async () => {
    const { parent, child, right } = await attached();
    right.isMute = true;
    run(1_000);
    expect(parent.upNodes()).toEqual([]);
    right.isMute = false;
    run(5_000);
    expect([parent.upNodes(), child.upNodes()]).toEqual([['child'], ['parent']]);
  });

  it('that is not waited for when it is lost: what was taken along could not be sent again (V9)', async () => {
    const { parent, child, right } = await attached({ resumeTime: 60_000 }, { resumeTime: 60_000 });
    const reasons: unknown[] = [];
    parent.mon(child.id, (...reason) => reasons.push(reason));
    right.isMute = true;
    run(1_000);
    expect(reasons).toEqual([['transport_error', 'child', expect.stringContaining('no sign of life')]]);
  });

  it('that the guard ends, with a goodbye: what was sent before arrives', async () => {
    const { parent, child, guard, left } = await attached();
    const { port, got } = noted(child);
    parent.snd(port, 'last');
    guard.unsubscribe();
    run(100);
    expect([got, parent.upNodes(), child.upNodes(), left.isHeard]).toEqual([[['last']], [], [], false]);
  });

  it('of a node that was closed and begins anew on the same port', async () => {
    const { parent, child, right } = await attached();
    await settled(world.clock, child.close());
    run();
    expect(parent.upNodes()).toEqual([]);
    const again = await alone('again', { attach: [right] });
    run();
    expect([parent.upNodes(), again.upNodes()]).toEqual([['again'], ['parent']]);
  });

  it('whose ends may both attach it: neither is a seed of the other', async () => {
    const [left, right] = portPair(world.clock);
    const [one, other] = [await alone('one'), await alone('other')];
    one.attach(left, { name: 'page' });
    other.attach(right);
    await imports();
    run();
    expect(connectionsOf(one)).toEqual([expect.objectContaining({ node: 'other', remoteAddress: 'port:page' })]);
    expect([one, other].flatMap(({ log }) => log.lines.filter((line) => line.includes('global')))).toEqual([]);
  });

  it.each<[unknown, string]>([
    [5, "number can't be attached: expected a MessagePort, a Worker, or 'parent'"],
    [null, "null can't be attached"],
    [{ postMessage: () => undefined }, "object can't be attached"],
  ])('%j is no port', async (port, text) => {
    const node = await alone('node');
    expect(() => node.attach(port as AttachablePort)).toThrow(text);
    await expect(createNode({ attach: [port as AttachablePort], log: silentLog })).rejects.toThrow(text);
  });

  it("only a worker has a 'parent'", async () => {
    await expect(createNode({ attach: ['parent'], log: silentLog })).rejects.toThrow('only a worker has one');
  });

  it('of a closed node does nothing', async () => {
    const node = await alone('node');
    await settled(world.clock, node.close());
    const [left] = portPair(world.clock);
    expect(node.attach(left).closed).toBe(true);
    await expect(node.spawnWorker('nowhere.js')).rejects.toMatchObject({ code: 'NODE_CLOSED' });
  });
});

describe('V18: messages go by structured clone', () => {
  /** Two nodes at a real port. */
  async function real() {
    const { port1, port2 } = new MessageChannel();
    const one = await createNode({ nodeid: 'one', log: silentLog });
    one.attach(port1);
    const other = await createNode({ nodeid: 'other', attach: [port2], log: silentLog });
    await firstValueFrom(one.connections$);
    const port = other.port();
    return { one, port, got: firstValueFrom(other.rcv(port)), async [Symbol.asyncDispose]() { await Promise.all([one.close(), other.close()]); } };
  }

  it('octets and large integers too, and all else as any framing has it', async () => {
    await using ends = await real();
    const own = ends.one.port();
    const half = new Uint8Array([0, 1, 2, 3, 4, 5]).subarray(2, 4);
    ends.one.snd(ends.port, 'all', 1.5, 'ü😀', null, undefined, true, [own, [], {}], { ['__proto__']: 1, gone: undefined, at: new Date(0) }, new Map([[1, 2]]), 2n ** 60n, 5n, half, Buffer.from('ab'));
    const message = await ends.got;
    expect(message).toEqual(['all', 1.5, 'ü😀', null, null, true, [own.id, [], {}], { ['__proto__']: 1, at: '1970-01-01T00:00:00.000Z' }, {}, 2n ** 60n, 5, Uint8Array.of(2, 3), new Uint8Array([97, 98])]);
    expect((message[11] as Uint8Array).buffer.byteLength).toBe(2);
  });

  it('as they were when they were sent (S10)', async () => {
    await using ends = await real();
    const list = [1];
    const octets = Uint8Array.of(1);
    ends.one.snd(ends.port, 'list', list, octets);
    list.push(2);
    octets[0] = 2;
    expect(await ends.got).toEqual(['list', [1], Uint8Array.of(1)]);
  });

  it('octets that are marked are taken along, others are copied', async () => {
    await using ends = await real();
    const [copied, taken] = [new Uint8Array(100_000).fill(1), transfer(new Uint8Array(100_000).fill(2))];
    ends.one.snd(ends.port, 'octets', copied, taken);
    const [, first, second] = await ends.got;
    expect([copied.length, taken.length]).toEqual([100_000, 0]);
    expect([first, second]).toEqual([new Uint8Array(100_000).fill(1), new Uint8Array(100_000).fill(2)]);
    expect(() => ends.one.snd(ends.port, 'again', taken)).toThrow('octets were sent with transfer() before');
  });

  it('octets that are marked and sent twice in one turn are copied for the second', async () => {
    await using ends = await real();
    const octets = transfer(Uint8Array.of(7));
    ends.one.snd(ends.port, 'first', octets, octets);
    expect(await ends.got).toEqual(['first', Uint8Array.of(7), Uint8Array.of(7)]);
  });

  it.each<[string, unknown, string]>([
    ['a part of a buffer', new Uint8Array(10).subarray(1, 3), 'transfer() got 2 octets of a buffer of 10: a part can\'t be taken along alone'],
    ['what is no octets', 'text', 'transfer() takes octets (a Uint8Array), got "text"'],
  ])('%s can not be marked', (_, value, text) => {
    expect(() => transfer(value as Uint8Array)).toThrow(text);
  });

  it('on the same node, marked octets are handed over as they are', async () => {
    const node = await alone('node');
    const { port, got } = noted(node);
    const octets = transfer(Uint8Array.of(1));
    node.snd(port, 'x', octets);
    expect(got[0]?.[1]).toBe(octets);
  });

  it('what contains itself, or is too large, throws at the call', async () => {
    const { parent, child } = await attached({ limits: { messageSize: 1_000, messageItems: 100 } });
    const { port } = noted(child);
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => parent.snd(port, 'ring', ring)).toThrow('contains itself');
    expect(() => parent.snd(port, 'long', 'x'.repeat(2_000))).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
    expect(() => parent.snd(port, 'many', new Array(200).fill(1))).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
  });
});

describe('V19: nodes that are attached to a node', () => {
  /** A hub, a private node that has it as seed, and two nodes that are attached to that one. */
  async function household(member: boolean) {
    const hub = await world.start('hub', { global: true });
    const page = await world.start('page', { binds: [], seeds: ['memory://hub'] });
    const children: Logging[] = [];
    for (const id of ['w1', 'w2']) {
      const [left, right] = portPair(world.clock);
      page.attach(left, { member });
      await imports();
      children.push(await alone(id, { attach: [right] }));
    }
    run();
    const [w1, w2] = children;
    if (w1 === undefined || w2 === undefined) throw new Error('no children');
    return { hub, page, w1, w2 };
  }

  it('are found in families, by it and by all others, and their keys go with them', async () => {
    const { hub, page, w1, w2 } = await household(true);
    const seen: string[][] = [];
    hub.dbMon('crew').subscribe(({ family }) => seen.push([...family.keys()]));
    page.dbSet('crew', 'page', 1);
    w1.dbSet('crew', 'one', 1);
    w2.dbSet('crew', 'two', 1);
    run();
    for (const node of [hub, page, w1, w2]) {
      const keys: string[][] = [];
      node.dbKeys('crew').subscribe((all) => keys.push([...all].sort()));
      run();
      expect(keys).toEqual([['one', 'page', 'two']]);
    }
    void w1.close();
    run();
    expect(seen.at(-1)?.toSorted()).toEqual(['page', 'two']);
  });

  it('are told of changes, also when the master is another one', async () => {
    const { hub, page, w1 } = await household(true);
    const changes: unknown[] = [];
    w1.dbMon('news').subscribe(({ add, chg, del, family }) => changes.push([add, chg, del, family.size]));
    run();
    const guard = hub.dbSet('news', 'a', 1);
    run();
    hub.dbSet('news', 'a', 2);
    page.dbSet('news', 'b', 1);
    run();
    guard.unsubscribe();
    hub.dbDel('news', 'a');
    run();
    expect(changes).toEqual([[[], [], [], 0], [['a'], [], [], 1], expect.anything(), expect.anything(), [[], [], ['a'], 1]]);
  });

  it('do not make it a global node, if it has seeds', async () => {
    const { page } = await household(true);
    expect(page.log.lines.filter((line) => line.includes('global'))).toEqual([]);
  });

  it('that are no members reach it, and are reached by it, and by nobody else', async () => {
    const { page, w1, w2 } = await household(false);
    const { port, got } = noted(w2);
    const reasons: unknown[] = [];
    w1.mon(port, (...reason: unknown[]) => reasons.push(reason));
    page.snd(port, 'from', 'page');
    w1.snd(port, 'from', 'w1');
    run();
    expect(got).toEqual([['from', 'page']]);
    expect(reasons).toEqual([['transport_error', 'w2', expect.stringContaining('no secret is configured here')]]);
  });

  it('members reach each other, and are reached from elsewhere, through it', async () => {
    const { w1, w2 } = await household(true);
    const client = await world.start('client', { binds: [], seeds: ['memory://hub'] });
    run();
    const { port, got } = noted(w2);
    w1.snd(port, 'from', 'w1');
    client.snd(port, 'from', 'client');
    run(10_000);
    expect(got.toSorted()).toEqual([['from', 'client'], ['from', 'w1']]);
    expect(connectionsOf(w2).map(({ node, remoteAddress }) => `${node} at ${remoteAddress}`).sort()).toEqual(['client at via:page', 'page at port:1', 'w1 at via:page']);
  });

  it('of a node without a secret are members of what it makes', async () => {
    const parent = await alone('parent');
    const children: Logging[] = [];
    for (const id of ['w1', 'w2']) {
      const [left, right] = portPair(world.clock);
      parent.attach(left, { member: true });
      await imports();
      children.push(await alone(id, { attach: [right] }));
    }
    run();
    const [w1, w2] = children as [Logging, Logging];
    const { port, got } = noted(w2);
    w1.snd(port, 'from', 'w1');
    run(5_000);
    expect(got).toEqual([['from', 'w1']]);
    expect(warnings(parent, w1, w2)).toEqual([]);
  });
});
