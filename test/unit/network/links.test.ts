import { filter, firstValueFrom, take } from 'rxjs';
import { createNode, type MpNode, type NodeOptions, type Reason } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';

const secret = 'links';
const up = (node: MpNode): Promise<unknown> => firstValueFrom(node.monNodes().pipe(filter((change) => change.up)));

/** Two nodes, the second with the first as its seed; both close with the test. */
async function pair(scheme: string, options: NodeOptions = {}) {
  const hub = await createNode({ nodeid: 'hub', binds: [`${scheme}127.0.0.1:0`], secret, log: silentLog, ...options });
  const leaf = await createNode({ nodeid: 'leaf', seeds: hub.addresses, secret, log: silentLog, ...options });
  await up(leaf);
  return {
    hub,
    leaf,
    async [Symbol.asyncDispose]() {
      await Promise.all([hub.close(), leaf.close()]);
    },
  };
}

describe('when a connection comes up', () => {
  it('S1: what waited for it goes before what is sent because of it', async () => {
    const world = createWorld({ delay: 5 });
    const hub = await world.start('hub');
    const leaf = await world.start('leaf', { seeds: ['memory://hub'] });
    const port = hub.port();
    const seen: unknown[] = [];
    port.subscribe(([word]) => seen.push(word));
    leaf.monNodes().pipe(take(1)).subscribe(() => leaf.snd(port.id, 'second'));
    leaf.snd(port.id, 'first');
    world.clock.runFor(500);
    expect(seen).toEqual(['first', 'second']);
    await world.close();
  });

  it('a node can be closed by the very news of it', async () => {
    await using hub = await createNode({ nodeid: 'hub', binds: ['127.0.0.1:0'], secret, log: silentLog });
    const leaf = await createNode({ nodeid: 'leaf', seeds: hub.addresses, secret, log: silentLog });
    let closed: Promise<void> | undefined;
    leaf.connections$.pipe(take(1)).subscribe(() => {
      closed = leaf.close();
    });
    await expect.poll(() => closed !== undefined).toBe(true);
    await closed;
    await expect.poll(() => hub.upNodes()).toEqual([]);
  });

  it('what is sent at once, and then closed, still leaves', async () => {
    await using hub = await createNode({ nodeid: 'hub', binds: ['127.0.0.1:0'], secret, log: silentLog });
    const leaf = await createNode({ nodeid: 'leaf', seeds: hub.addresses, secret, log: silentLog });
    const port = hub.port();
    const hello = firstValueFrom(port);
    await firstValueFrom(leaf.connections$);
    leaf.snd(port.id, 'hello');
    await leaf.close();
    expect(await hello).toEqual(['hello']);
  });
});

describe.each([['TCP', ''], ['WebSocket', 'ws://']])('messages over %s', (_, scheme) => {
  it('may be many in one turn, with a small messageSize', async () => {
    await using nodes = await pair(scheme, { limits: { messageSize: 50_000 } });
    const { hub, leaf } = nodes;
    let count = 0;
    const sink = hub.rcv(hub.port(), { item: () => count++ });
    for (let i = 0; i < 2_000; i++) leaf.snd(sink.id, 'item', 'x'.repeat(80));
    await expect.poll(() => count, { timeout: 5_000 }).toBe(2_000);
  });

  it('may be as large as messageSize, behind small ones, and not an octet larger', async () => {
    const messageSize = 400_000;
    await using nodes = await pair(scheme, { limits: { messageSize } });
    const { hub, leaf } = nodes;
    const sizes: number[] = [];
    const reasons: Reason[] = [];
    const sink = hub.rcv(hub.port(), { item: (text: string) => void sizes.push(text.length) });
    leaf.mon(sink.id, (...reason) => reasons.push(reason));
    const frame = JSON.stringify([sink.id.split('#')[1], 'item', '']).length + 1;
    for (let i = 0; i < 10; i++) leaf.snd(sink.id, 'item', '');
    leaf.snd(sink.id, 'item', 'x'.repeat(messageSize - frame));
    // é is two octets: the text is short enough, its octets are too many
    expect(() => leaf.snd(sink.id, 'item', 'é'.repeat(messageSize / 2))).toThrow(`limits.messageSize is ${messageSize}`);
    leaf.snd(sink.id, 'item', 'é'.repeat((messageSize - frame) / 2));
    await expect.poll(() => sizes.slice(10), { timeout: 5_000 }).toEqual([messageSize - frame, Math.floor((messageSize - frame) / 2)]);
    expect(reasons).toEqual([]);
  });
});

describe('seeds (S19, S21)', () => {
  it('are dialed at once when somebody wants their node, whatever the pause', async () => {
    const world = createWorld();
    const leaf = await world.start('leaf', { seeds: ['memory://hub'], monitorTimeout: 60_000 });
    const first = await world.start('hub');
    world.clock.runFor(5_000);
    await first.close();
    world.clock.runFor(100_000); // long enough for the longest pause
    await world.start('hub');
    expect(leaf.upNodes()).toEqual([]);
    leaf.snd('hub', 'devnull');
    world.clock.runFor(10);
    expect(leaf.upNodes()).toEqual(['hub']);
    await world.close();
  });
});

describe('requests to the node port', () => {
  it('S1: are answered after the messages that came before them, also while those still wait', async () => {
    const world = createWorld();
    const hub = await world.start('hub', { limits: { runMessages: 10 } });
    const leaf = await world.start('leaf', { seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    const answers: unknown[] = [];
    const mine = leaf.port((...words: readonly unknown[]) => answers.push(words[0]));
    const idle = hub.port(() => undefined);
    // more than one run of the hub takes
    const busy = hub.rcv(hub.port(), {
      flood: () => {
        for (let i = 0; i < 100; i++) hub.snd(idle, 'x');
      },
      ask: (reply: string) => hub.snd(reply, 'answer'),
    });
    leaf.snd(busy.id, 'flood');
    leaf.snd(busy.id, 'ask', mine);
    leaf.snd('hub', 'time', mine, 'time');
    leaf.sndOn('hub', mine, 'relayed');
    world.clock.runFor(1_000);
    expect(answers).toEqual(['answer', 'time', 'relayed']);
    await world.close();
  });
});

describe('a port that is not one', () => {
  it('throws at the call, and says what was given', async () => {
    await using node = await createNode({ log: silentLog });
    for (const call of [node.snd, node.rcv, node.mon, node.kil] as unknown as ((port: unknown) => unknown)[]) {
      expect(() => call(undefined)).toThrow('expected a port or a port id, got undefined');
      expect(() => call(5)).toThrow('expected a port or a port id, got number');
    }
    expect(() => node.mon('a#b', undefined)).toThrow(TypeError);
  });
});

describe('times', () => {
  it('may be longer than a platform timer lasts, or endless', async () => {
    await using node = await createNode({ log: silentLog });
    const fired: string[] = [];
    node.after(2 ** 31, () => fired.push('month'));
    node.after(Infinity, () => fired.push('never'));
    const call = firstValueFrom(node.cal(node.port(() => undefined), 'x', { timeout: Infinity })).catch(() => fired.push('closed'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fired).toEqual([]);
    await node.close();
    await call;
    expect(fired).toEqual(['closed']);
  });

  it('after: a wrong id throws at the call; a message that cannot be sent later is only logged', async () => {
    const world = createWorld();
    const node = await world.start('a');
    expect(() => node.after(1, '', 'x')).toThrow('is no port id');
    const round: unknown[] = [];
    round.push(round);
    node.after(1, 'b#elsewhere', 'x', round);
    world.clock.runFor(10);
    expect(node.log.lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
    await world.close();
  });
});
