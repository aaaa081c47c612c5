import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex } from '../../../src/transport/duplex.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import { simulatedNetwork, type SimulatedNetwork } from '../../../src/testing/network.js';
import { seededRandom } from '../../../src/testing/random.js';
import type { Latency } from '../../../src/testing/topology.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** One end of a connection, and all that it saw. */
interface End {
  readonly duplex: Duplex;
  readonly seen: string[];
}

let clock: VirtualClock;
let network: SimulatedNetwork;
/** Ends that connects of others made, by the host that listens. */
let accepted: Map<string, End[]>;

function build(delay: Latency = 10, seed = 1): void {
  clock = new VirtualClock();
  network = simulatedNetwork({ clock, random: seededRandom(seed), delay });
  accepted = new Map();
  for (const host of ['a', 'b', 'c']) listen(host);
  clock.run();
}

beforeEach(() => build());

function watch(duplex: Duplex): End {
  const seen: string[] = [];
  duplex.incoming$.subscribe({
    next: (chunk) => seen.push(String(chunk)),
    error: (error: unknown) => seen.push(`error: ${(error as Error).message}`),
    complete: () => seen.push('end'),
  });
  return { duplex, seen };
}

function listen(host: string): void {
  accepted.set(host, []);
  network
    .transport(host)
    .listen(parseAddress(`memory://${host}`))
    .subscribe((event) => {
      if (event.kind === 'connection') accepted.get(host)!.push(watch(event.duplex));
    });
}

/** What a connect has come to: an end, or the text of an error. */
function dial(from: string, to: string): { end?: End; error?: string } {
  const result: { end?: End; error?: string } = {};
  network
    .transport(from)
    .connect(parseAddress(`memory://${to}`))
    .subscribe({
      next: (duplex) => (result.end = watch(duplex)),
      error: (error: unknown) => (result.error = (error as Error).message),
    });
  return result;
}

/** Two connected ends. */
function link(from: string, to: string): [left: End, right: End] {
  const result = dial(from, to);
  while (!result.end && clock.step());
  return [result.end!, accepted.get(to)!.at(-1)!];
}

transportCompliance(
  'simulated network',
  () =>
    Promise.resolve({
      transport: simulatedNetwork({
        clock: realClock,
        random: seededRandom(1),
        delay: { min: 0, max: 2 },
      }).transport('a'),
      bind: 'memory://hub',
      address: (listening) => listening,
      close: () => Promise.resolve(),
    }),
  { describe, it },
);

describe('a simulated network without faults', () => {
  it('connects in a round trip and carries in half of one, in order', () => {
    const result = dial('a', 'b');
    clock.runFor(19);
    expect(result.end).toBeUndefined();
    clock.runFor(1);
    const left = result.end!;
    const [right] = accepted.get('b')!;
    left.duplex.write('1');
    left.duplex.write('2');
    right!.duplex.write('3');
    clock.runFor(9);
    expect([left.seen, right!.seen]).toEqual([[], []]);
    clock.runFor(1);
    expect([left.seen, right!.seen]).toEqual([['3'], ['1', '2']]);
  });

  it('tells each end where the other is', () => {
    const [left, right] = link('a', 'b');
    expect([left.duplex.remoteAddress, right.duplex.remoteAddress]).toEqual(['memory://b', 'memory://a']);
  });

  it('ends gracefully and abruptly, and forgets the connection', () => {
    const [left, right] = link('a', 'b');
    const [left2, right2] = link('a', 'b');
    expect(network.connections).toBe(2);
    left.duplex.write('last');
    left.duplex.close();
    left2.duplex.close(new Error('x'));
    clock.run();
    expect(right.seen).toEqual(['last', 'end']);
    expect(right2.seen).toEqual(['error: connection with memory://a failed: reset by the other end']);
    expect([network.connections, clock.pending]).toEqual([0, 0]);
  });

  it('says so when nobody listens, or two do in one place', () => {
    const result = dial('a', 'nowhere');
    clock.run();
    expect(result.error).toBe('cannot connect to memory://nowhere: nothing listens on memory://nowhere');
    const errors: unknown[] = [];
    network.transport('c').listen(parseAddress('memory://a')).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(String(errors[0])).toContain('cannot listen on memory://a: address already in use');
  });

  it('setName: a name stands for what it was last said to, as it is when the answer comes', () => {
    const transport = network.transport('a');
    const resolve = (text: string) => transport.resolve?.(parseAddress(text));
    network.setName('memory://all', ['memory://a', 'memory://b']);
    expect(resolve('memory://b')).toBeUndefined();
    const answers: unknown[] = [];
    const ask = (): void => {
      resolve('memory://all')!.subscribe({
        next: (found) => answers.push(found.map(({ text }) => text)),
        error: (error: unknown) => answers.push(String(error)),
      });
    };
    ask();
    expect(clock.pending).toBe(1);
    network.setName('memory://all', ['memory://c']);
    clock.run();
    network.setName('memory://all', []);
    ask();
    clock.run();
    network.setName('memory://all', undefined);
    ask();
    clock.run();
    expect(answers).toEqual([['memory://c'], [], 'TransportError: cannot look up all: unknown host name']);
    resolve('memory://all')!.subscribe().unsubscribe();
    expect(clock.pending).toBe(0);
  });

  it('an aborted connect leaves nothing, before and after the other host has accepted', () => {
    for (const ms of [5, 15]) {
      const abort = network.transport('a').connect(parseAddress('memory://b')).subscribe();
      clock.runFor(ms);
      abort.unsubscribe();
      clock.run();
    }
    expect(accepted.get('b')!.map(({ seen }) => seen)).toEqual([[expect.stringContaining('error')]]);
    expect([network.connections, clock.pending]).toEqual([0, 0]);
  });

  it('keeps the order within a connection, whatever the delays and freezes (property)', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('left', 'right') }),
      fc.record({ kind: fc.constant('delay'), ms: fc.nat(50) }),
      fc.record({ kind: fc.constant('run'), ms: fc.nat(30) }),
      fc.record({ kind: fc.constantFrom('freeze', 'thaw'), host: fc.constantFrom('a', 'b') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.nat(), (steps, seed) => {
        build({ min: 0, max: 40 }, seed);
        const [left, right] = link('a', 'b');
        const sent: { left: string[]; right: string[] } = { left: [], right: [] };
        steps.forEach((action, i) => {
          if ('host' in action) network[action.kind](action.host);
          else if (!('ms' in action)) {
            const side = action.kind;
            sent[side].push(`${i}`);
            (side === 'left' ? left : right).duplex.write(`${i}`);
          } else if (action.kind === 'run') clock.runFor(action.ms);
          else network.delay('a', 'b', action.ms);
          expect(right.seen).toEqual(sent.left.slice(0, right.seen.length));
          expect(left.seen).toEqual(sent.right.slice(0, left.seen.length));
        });
        network.thaw('a');
        network.thaw('b');
        clock.run();
        expect([right.seen, left.seen]).toEqual([sent.left, sent.right]);
      }),
    );
  });

  it('replays from its seed', () => {
    const times = (seed: number): number[] => {
      build({ min: 1, max: 1000 }, seed);
      const seen: number[] = [];
      const [left, right] = link('a', 'b');
      right.duplex.incoming$.subscribe({ error: () => undefined });
      for (let i = 0; i < 5; i++) {
        left.duplex.write('x');
        while (right.seen.length <= i) clock.step();
        seen.push(clock.now());
      }
      return seen;
    };
    expect(times(5)).toEqual(times(5));
    expect(times(5)).not.toEqual(times(6));
  });

  it('refuses a delay that makes no sense', () => {
    expect(() => network.delay('a', 'b', -1)).toThrow('A delay is ms, or { min, max } with 0 <= min <= max, not -1');
    expect(() => build({ min: 3, max: 2 })).toThrow('not {"min":3,"max":2}');
    expect(() => network.delay('a', 'b', NaN)).toThrow(RangeError);
  });
});

describe('faults', () => {
  const broken = (host: string): string => `error: connection with memory://${host} failed: the network was cut`;

  it('cut: both ends see an error now, what was under way is gone, connects are refused until heal', () => {
    const [left, right] = link('a', 'b');
    const [other] = link('a', 'c');
    left.duplex.write('lost');
    const underWay = dial('b', 'a');
    clock.runFor(5);
    network.cut('b', 'a');
    expect([left.seen, right.seen, other.seen]).toEqual([[broken('b')], [broken('a')], []]);
    clock.run();
    expect(right.seen).toEqual([broken('a')]);
    expect(underWay.error).toBe('cannot connect to memory://a: connection refused');
    const again = dial('a', 'b');
    clock.run();
    expect(again.error).toBe('cannot connect to memory://b: connection refused');
    network.heal();
    link('a', 'b')[0].duplex.write('hello');
    clock.run();
    expect(accepted.get('b')!.at(-1)!.seen).toEqual(['hello']);
    expect(network.connections).toBe(2);
  });

  it('cut between accept and answer: the connect fails and the accepted end sees an error', () => {
    const result = dial('a', 'b');
    clock.runFor(15);
    network.cut('a', 'b');
    clock.run();
    expect(result).toEqual({ error: 'cannot connect to memory://b: reset by the other end' });
    expect(accepted.get('b')!.map(({ seen }) => seen)).toEqual([[broken('a')]]);
    expect(network.connections).toBe(0);
  });

  it('partition: cut between the groups, whole within them', () => {
    const [ab] = link('a', 'b');
    const [ac] = link('a', 'c');
    const [bc] = link('b', 'c');
    network.partition([['a', 'b'], ['c']]);
    expect([ab.seen, ac.seen, bc.seen]).toEqual([[], [broken('c')], [broken('c')]]);
    expect(network.connections).toBe(1);
  });

  it('silence: no octet and no error gets through, connects hang until heal, the torn connection breaks then', () => {
    const [left, right] = link('a', 'b');
    const [idle, idleRight] = link('a', 'b');
    left.duplex.write('under way');
    clock.runFor(5);
    network.silence('a', 'b');
    right.duplex.write('vanishes');
    const result = dial('a', 'b');
    clock.runFor(1_000_000);
    expect([left.seen, right.seen, result]).toEqual([[], [], {}]);
    network.heal();
    const torn = (host: string): string => `error: connection with memory://${host} failed: octets were lost on the way`;
    expect([left.seen, right.seen]).toEqual([[torn('b')], [torn('a')]]);
    idle.duplex.write('unharmed');
    clock.run();
    expect([idleRight.seen, result.end?.seen, network.connections]).toEqual([['unharmed'], [], 2]);
  });

  it('silence one way: the other way still works', () => {
    const [left, right] = link('a', 'b');
    network.silence('a', 'b', true);
    left.duplex.write('vanishes');
    right.duplex.write('arrives');
    const there = dial('a', 'b');
    const back = dial('b', 'a');
    clock.run();
    expect([left.seen, right.seen]).toEqual([['arrives'], []]);
    expect([there, back]).toEqual([{}, {}]);
    // the connect from b reached a, whose answer is lost
    expect([accepted.get('a')!.length, accepted.get('b')!.length]).toEqual([1, 1]);
    network.heal();
    clock.run();
    expect([there.end, back.end].every((end) => end !== undefined)).toBe(true);
  });

  it('silence: not even the close of a connection gets through, and a hole is never closed over', () => {
    const [left, right] = link('a', 'b');
    network.silence('a', 'b');
    left.duplex.close();
    clock.run();
    expect([right.seen, network.connections]).toEqual([[], 1]);
    network.heal();
    expect([right.seen.length, network.connections]).toEqual([1, 0]);
  });

  it('an aborted connect that hung does not come back with heal', () => {
    network.silence('a', 'b');
    const abort = network.transport('a').connect(parseAddress('memory://b')).subscribe();
    clock.run();
    abort.unsubscribe();
    network.heal();
    clock.run();
    expect(accepted.get('b')).toEqual([]);
  });

  it('delay: of two hosts only, from now on', () => {
    network.delay('a', 'b', 500);
    const [left, right] = link('a', 'b');
    expect(clock.now()).toBe(1000);
    left.duplex.write('slow');
    network.delay('b', 'a', 0);
    left.duplex.write('not faster than the one before');
    clock.runFor(499);
    expect(right.seen).toEqual([]);
    clock.runFor(1);
    expect(right.seen).toHaveLength(2);
    const [other, otherRight] = link('a', 'c');
    other.duplex.write('usual');
    clock.runFor(10);
    expect(otherRight.seen).toEqual(['usual']);
  });

  it('freeze and thaw: nothing gets in or out meanwhile, all of it afterwards, in order', () => {
    const [left, right] = link('a', 'b');
    left.duplex.write('1');
    right.duplex.write('sent before the freeze');
    network.freeze('b');
    left.duplex.write('2');
    right.duplex.write('written by the frozen');
    const result = dial('c', 'b');
    clock.runFor(100_000);
    expect([left.seen, right.seen, result]).toEqual([['sent before the freeze'], [], {}]);
    network.thaw('b');
    left.duplex.write('3');
    clock.run();
    expect(left.seen).toEqual(['sent before the freeze', 'written by the frozen']);
    expect(right.seen).toEqual(['1', '2', '3']);
    expect(result.end?.seen).toEqual([]);
  });

  it('a cut reaches a frozen host too', () => {
    const [left, right] = link('a', 'b');
    network.freeze('b');
    left.duplex.write('lost');
    clock.run();
    network.cut('a', 'b');
    network.thaw('b');
    clock.run();
    expect([left.seen, right.seen]).toEqual([[broken('b')], [broken('a')]]);
  });
});
