import { beforeEach, describe, expect, it } from 'vitest';
import { simulatedNetwork, type SimulatedNetwork } from '../../../src/testing/network.js';
import { seededRandom } from '../../../src/testing/random.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex } from '../../../src/transport/duplex.js';

let clock: VirtualClock;
let network: SimulatedNetwork;
/** What the host that listens, and the one that connected, have seen. */
let there: string[];
let here: string[];

function watch(duplex: Duplex, seen: string[]): void {
  duplex.incoming$.subscribe({
    next: (chunk) => seen.push(`${clock.now()} ${String(chunk)}`),
    error: (error: unknown) => seen.push(`${clock.now()} error: ${(error as Error).message}`),
    complete: () => seen.push(`${clock.now()} end`),
  });
}

function dial(seen: string[] = []): { duplex?: Duplex; seen: string[] } {
  const made: { duplex?: Duplex; seen: string[] } = { seen };
  network.transport('a').connect(parseAddress('memory://b')).subscribe({
    next: (duplex) => {
      made.duplex = duplex;
      watch(duplex, seen);
    },
    error: (error: unknown) => seen.push(`${clock.now()} refused: ${(error as Error).message}`),
  });
  return made;
}

/** A connection from a to b, which takes 10 ms each way. */
function connected(): Duplex {
  here = [];
  const made = dial(here);
  clock.runFor(20);
  return made.duplex!;
}

function listen(): void {
  network.transport('b').listen(parseAddress('memory://b')).subscribe((event) => {
    if (event.kind === 'connection') watch(event.duplex, there);
  });
  clock.runFor(0);
}

beforeEach(() => {
  clock = new VirtualClock();
  network = simulatedNetwork({ clock, random: seededRandom(1), delay: 10 });
  there = [];
  listen();
});

describe('faults of a way', () => {
  it('overlapping partitions end one by one', () => {
    const first = network.partition([['a'], ['b', 'c']]);
    const second = network.partition([['a', 'c'], ['b']]);
    first();
    expect(dial().seen).toEqual([]);
    const { seen } = dial();
    clock.runFor(10);
    expect(seen[0]).toContain('connection refused');
    second();
    second();
    const made = dial();
    clock.runFor(20);
    expect(made.duplex).toBeDefined();
  });

  it('a silence that ends breaks what lost octets, and only that', () => {
    const duplex = connected();
    const heal = network.silence('a', 'b', true);
    duplex.write('lost');
    clock.runFor(50);
    expect([there, here]).toEqual([[], []]);
    heal();
    expect(there[0]).toContain('octets were lost');
  });

  it('a refusal leaves what is there', () => {
    const duplex = connected();
    const heal = network.refuse('a', 'b');
    const refused = dial();
    duplex.write('x');
    clock.runFor(10);
    expect(refused.seen[0]).toContain('connection refused');
    expect(there).toEqual(['30 x']);
    heal();
    expect(connected()).toBeDefined();
  });

  it('a tear lets a part of one write through and breaks the connection', () => {
    const duplex = connected();
    network.tear('a', 'b');
    duplex.write('0123456789');
    duplex.write('never');
    clock.runFor(100);
    const [part = '', error] = there;
    expect('30 0123456789'.startsWith(part)).toBe(true);
    expect(error).toContain('in the middle of a write');
    expect(here[0]).toContain('in the middle of a write');
    expect(network.connections).toBe(0);
  });

  it('a corrupted write differs in one octet, text in one character', () => {
    const duplex = connected();
    network.corrupt('a', 'b');
    duplex.write('abcdef');
    network.corrupt('a', 'b');
    duplex.write(new Uint8Array([1, 2, 3]));
    duplex.write('ghi');
    clock.runFor(10);
    const [text = '', octets = '', right] = there.map((line) => line.slice(3));
    expect(Array.from(text).filter((letter, i) => letter !== 'abcdef'[i])).toEqual(['\u0000']);
    expect(octets.split(',').filter((octet, i) => Number(octet) !== i + 1)).toHaveLength(1);
    expect(right).toBe('ghi');
  });

  it('a slow way takes as long as its octets, and what waits is fast again when it is', () => {
    const duplex = connected();
    network.slow('a', 'b', 2);
    for (const text of ['12345678', '1234', 'x'.repeat(1_000)]) duplex.write(text);
    clock.runFor(17);
    expect(there).toEqual(['34 12345678', '36 1234']);
    network.slow('a', 'b', Infinity);
    clock.runFor(10);
    expect(there).toHaveLength(3);
  });

  it('a slow consumer presses back', () => {
    const duplex = connected();
    network.throttle('b', 1_000);
    let room = true;
    for (let i = 0; i < 100 && room; i++) room = duplex.write('x'.repeat(10_000));
    expect(room).toBe(false);
    let drained = 0;
    duplex.drained$.subscribe(() => drained++);
    clock.runFor(1_000);
    expect([there.length, drained]).toEqual([27, 1]);
  });
});

describe('a crash', () => {
  it('of a program: what it had written arrives, then a reset', () => {
    const duplex = connected();
    duplex.write('last words');
    network.crash('a');
    duplex.write('nothing more');
    clock.runFor(10);
    expect(there).toEqual(['30 last words', '30 error: connection with memory://a failed: reset by the other end']);
    expect([here, network.connections]).toEqual([[], 0]);
  });

  it('of a host: silence, and a connect that hangs until it is there again', () => {
    connected();
    network.crash('b', true);
    const hanging = dial();
    clock.runFor(60_000);
    expect([here, hanging.seen, network.listeners]).toEqual([[], [], 0]);
    network.revive('b');
    clock.runFor(20);
    expect(hanging.seen[0]).toContain('nothing listens on memory://b');
  });

  it('of a host: who writes to it when it is there again hears that nobody knows him', () => {
    const duplex = connected();
    network.crash('b', true);
    duplex.write('lost');
    clock.runFor(1_000);
    network.revive('b');
    listen();
    expect(here).toEqual([]);
    duplex.write('hello?');
    clock.runFor(20);
    expect(here[0]).toContain('reset by the other end');
    expect([there, network.connections]).toEqual([[], 0]);
  });

  it('of both ends leaves nothing', () => {
    connected();
    network.crash('a', true);
    network.crash('b', true);
    expect([network.connections, network.listeners]).toEqual([0, 0]);
  });

  it('of an end whose other end had said goodbye leaves nothing', () => {
    const duplex = connected();
    network.freeze('b');
    duplex.close();
    clock.runFor(50);
    network.crash('b', true);
    network.thaw('b');
    clock.runFor(50);
    expect(network.connections).toBe(0);
  });
});
