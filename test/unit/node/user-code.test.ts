import { createNode, type Logger, type MpNode } from 'rxmp';
import { silentLog, VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { userLog } from '../../../src/env/user-log.js';

const TEXT = 'x'.repeat(1_000);

/** Two nodes that are not connected yet, and a port of the first that keeps the first element of what it gets. */
async function twoNodes(options: object = {}) {
  const world = createWorld({ delay: 5 });
  const hub = await world.start('hub');
  const leaf = await world.start('leaf', { seeds: ['memory://hub'], limits: { highWaterMark: 5_000 }, ...options });
  const got: unknown[] = [];
  const port = hub.port((...message: readonly unknown[]) => got.push(message[0]));
  return { world, hub, leaf, got, port };
}

const NUMBERS = Array.from({ length: 30 }, (_, i) => i + 1);

describe('S1: what is sent by user code that something new calls comes after what was sent before', () => {
  it.each<[string, (node: MpNode, say: (word: string) => void) => void]>([
    ['a subscriber of writable$', (node, say) => {
      node.connections$.subscribe(({ writable$ }) => writable$.subscribe((writable) => { if (!writable) say('congested'); }));
    }],
    ['a subscriber of connections$', (node, say) => { node.connections$.subscribe(() => { say('connected'); }); }],
    ['a subscriber of status$', (node, say) => {
      node.connections$.subscribe(({ status$ }) => status$.subscribe(({ status }) => { say(status); }));
    }],
    ['a subscriber of monNodes()', (node, say) => { node.monNodes().subscribe(({ up }) => { say(up ? 'up' : 'down'); }); }],
  ])('%s', async (_, watch) => {
    const { world, leaf, got, port } = await twoNodes();
    let said = 0;
    watch(leaf, (word) => { if (said++ === 0) leaf.snd(port, word); });
    for (const n of NUMBERS) leaf.snd(port, n, TEXT);
    world.clock.runFor(2_000);
    expect(got.slice(0, 30)).toEqual(NUMBERS);
    expect(got).toHaveLength(31);
    await world.close();
  });

  it('a logger', async () => {
    const nodes: MpNode[] = [];
    const said: string[] = [];
    const log: Logger = {
      ...silentLog,
      info: (_details, text) => {
        if (said.push(text) === 1) nodes[0]?.snd(port, 'logged');
      },
    };
    const { world, leaf, got, port } = await twoNodes({ log });
    nodes.push(leaf);
    for (const n of NUMBERS) leaf.snd(port, n, TEXT);
    world.clock.runFor(2_000);
    expect(got).toEqual([...NUMBERS, 'logged']);
    await world.close();
  });

  it('toJSON of a message that waits, called when it is handed to the new connection', async () => {
    const { world, leaf, got, port } = await twoNodes();
    let calls = 0;
    const value = {
      toJSON: () => {
        // the first call is of snd itself, to learn the size
        if (++calls === 2) leaf.snd(port, 'nested');
        return 'json';
      },
    };
    leaf.snd(port, 'first', value);
    for (const n of NUMBERS) leaf.snd(port, n, TEXT);
    world.clock.runFor(2_000);
    expect([calls, got]).toEqual([2, ['first', ...NUMBERS, 'nested']]);
    await world.close();
  });
});

describe('user code is called after the state has changed', () => {
  it('connections$: a node that is closed by its subscriber has closed all, and told nobody of more', async () => {
    const { world, leaf } = await twoNodes();
    let closed = 0;
    leaf.connections$.subscribe(() => {
      closed++;
      void leaf.close();
    });
    world.clock.runFor(3_000);
    expect(closed).toBe(1);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });

  it('writable$ and status$ give what is, at once, to who subscribes', async () => {
    const { world, leaf, port } = await twoNodes();
    world.clock.runFor(1_000);
    const seen: unknown[] = [];
    leaf.connections$.subscribe(({ writable$, status$ }) => {
      expect(leaf.snd(port, 'x'.repeat(10_000))).toBe(false);
      writable$.subscribe((writable) => seen.push(writable));
      status$.subscribe(({ status }) => seen.push(status));
    });
    expect(seen).toEqual([false, 'up']);
    world.clock.runFor(1_000);
    expect(seen).toEqual([false, 'up', true]);
    await world.close();
    world.clock.runFor(0);
    expect(seen).toEqual([false, 'up', true, 'closed']);
  });

  it('a logger that throws harms nobody, and gets the lines after it', () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const log = userLog({ ...silentLog, warn: (_details, text) => { lines.push(text); throw new Error('disk full'); } }, clock);
    log.warn({}, 'one');
    log.warn({}, 'two');
    expect(lines).toEqual([]);
    clock.run();
    log.warn({}, 'three');
    clock.run();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('a logger gets its details as they were given, in order, at every level', () => {
    const clock = new VirtualClock();
    const lines: unknown[] = [];
    const level = (name: string) => (details: object, text: string) => { lines.push([name, details, text]); };
    const log = userLog({ debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }, clock);
    for (const name of ['debug', 'info', 'warn', 'error'] as const) log[name]({ a: 1 }, name);
    clock.run();
    expect(lines).toEqual(['debug', 'info', 'warn', 'error'].map((name) => [name, { a: 1 }, name]));
  });

  it('node.log is the logger that was given', async () => {
    await using node = await createNode({ log: silentLog });
    expect(node.log).toBe(silentLog);
  });
});
