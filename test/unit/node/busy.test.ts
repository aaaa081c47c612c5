import { Socket } from 'node:net';
import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it, vi } from 'vitest';
import { createWorld } from '../../../marbles/world.js';

const secret = 'a secret for busy nodes';

/** A hub on a real socket and a leaf that is connected with it. */
async function pair(hubOptions: object = {}) {
  const options = { secret, log: silentLog };
  const hub = await createNode({ nodeid: 'hub', binds: ['127.0.0.1:0'], ...options, ...hubOptions });
  const leaf = await createNode({ nodeid: 'leaf', seeds: hub.addresses, ...options });
  await expect.poll(() => leaf.nodeIsUp('hub')).toBe(true);
  return {
    hub,
    leaf,
    async [Symbol.asyncDispose]() {
      await Promise.all([leaf.close(), hub.close()]);
    },
  };
}

const busy = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

/** A room: what comes in goes on to so many members, which take their time. */
function room(node: MpNode, members: number, ms: number) {
  let handled = 0;
  const all = Array.from({ length: members }, () => node.port(() => { handled++; busy(ms); }));
  const port = node.port((...message: readonly unknown[]) => { for (const member of all) node.snd(member, message); });
  return { id: port.id, handled: () => handled };
}

describe('S32: a node reads no more than it gets done', () => {
  it('a room with slow members: its senders feel it, and what waits is bounded', async () => {
    await using nodes = await pair({ limits: { localQueue: 500 } });
    const { hub, leaf } = nodes;
    const { id, handled } = room(hub, 50, 0.01);
    const MOST = 20_000;
    let held = false;
    let sent = 0;
    const text = 'x'.repeat(10_000);
    for (; sent < MOST && !held; sent++) {
      held = !leaf.snd(id, sent, text);
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // sockets on the way hold some megabytes
    expect([held, sent < MOST]).toEqual([true, true]);
    const before = handled();
    await expect.poll(handled).toBeGreaterThan(before);
    // all of it is handled in the end
    await expect.poll(handled, { timeout: 15_000, interval: 100 }).toBe(50 * sent);
  });

  it('is not taken for dead meanwhile, nor takes others for dead', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub', { limits: { localQueue: 10, runMessages: 5 } });
    const leaf = await world.start('leaf', { seeds: ['memory://hub'] });
    world.clock.runFor(1_000);
    // a port that never has done with what it sends to itself
    const flood = hub.port(() => { world.clock.after(20, () => { for (let i = 0; i < 3; i++) hub.snd(again, 'x'); }); });
    const again = hub.port(() => undefined);
    const got: unknown[] = [];
    const sink = hub.port((n: number) => got.push(n));
    const deaths: unknown[] = [];
    leaf.mon(sink, (...reason) => deaths.push(reason));
    for (let n = 0; n < 200; n++) {
      leaf.snd(flood, n);
      leaf.snd(sink, n);
      world.clock.runFor(50);
    }
    expect([got.length, deaths]).toEqual([200, []]);
    await world.close();
  });

  it('timers and other connections have their turn beside an endless flood of local messages', async () => {
    await using nodes = await pair();
    const { hub, leaf } = nodes;
    const echo = hub.rcv(hub.port(), { ping: (reply: string) => hub.snd(reply, 'pong') });
    let open = true;
    const flood = hub.port(() => { if (open) for (const port of [flood, flood]) { busy(0.2); if (hub.snd(port, 'x')) break; } });
    hub.snd(flood, 'x');
    const started = performance.now();
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve, reject) => leaf.cal(echo, 'ping', { timeout: 5_000 }).subscribe({ complete: resolve, error: reject }));
    }
    open = false;
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('the way of a message', () => {
  /** Frames of rxmp's own on the stack. */
  const frames = (): number => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 100;
    const { stack = '' } = new Error('here');
    Error.stackTraceLimit = stackTraceLimit;
    return stack.split('\n').filter((line) => /[/\\]src[/\\](?!testing)/.test(line) && !line.includes('node_modules')).length;
  };

  it('from the wire to its subscriber has at most 10 frames, and to its handler', async () => {
    await using nodes = await pair();
    const { hub, leaf } = nodes;
    const counts: number[] = [];
    const port = hub.port();
    port.subscribe(() => counts.push(frames()));
    const handled = hub.rcv(hub.port(), { tag: () => counts.push(frames()) });
    leaf.snd(port, 'x');
    leaf.snd(handled, 'tag');
    await expect.poll(() => counts.length).toBe(2);
    expect(counts.every((count) => count >= 3 && count <= 10), counts.join()).toBe(true);
  });

  it('from snd to the write of the socket has at most 7', async () => {
    await using nodes = await pair();
    const { hub, leaf } = nodes;
    const counts: number[] = [];
    const { write } = Socket.prototype;
    const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: unknown[]) {
      counts.push(frames());
      return Reflect.apply(write, this, args) as boolean;
    });
    try {
      const sink = hub.port(() => undefined);
      // one that waits for the end of the turn, and so many that some leave early
      leaf.snd(sink, 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (let i = 0; i < 200; i++) leaf.snd(sink, i);
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      spy.mockRestore();
    }
    expect(counts.length).toBeGreaterThan(2);
    expect(Math.max(...counts), counts.join()).toBeLessThanOrEqual(7);
  });
});
