import { describe, expect, it } from 'vitest';
import type { Channel, ChannelSink } from '../../../src/channel/core/channel.js';
import type { Request } from '../../../src/channel/core/mux.js';
import { costOf, elementsOf, packetOf, type Packet } from '../../../src/channel/core/packet.js';
import type { Chunk } from '../../../src/transport/duplex.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { carrier, type CarrierOptions } from './carrier.js';

/** Both ends of a channel, and what they hear. */
interface End {
  readonly channel: Channel;
  readonly heard: string[];
  /** Takes what comes at once, unless told otherwise. */
  eager: boolean;
  readonly waiting: Chunk[];
}

function endOf(channel: Channel): End {
  const end: End = { channel, heard: [], eager: true, waiting: [] };
  const sink: ChannelSink = {
    piece(piece) {
      const data = piece as Chunk;
      end.heard.push(typeof data === 'string' ? data : `octets ${data.join(' ')}`);
      if (end.eager) channel.taken(data);
      else end.waiting.push(data);
    },
    moved: () => undefined,
    ended: (failure) => end.heard.push(failure === undefined ? 'END' : `FAILED: ${failure}`),
    finished: () => undefined,
  };
  channel.read(sink);
  return end;
}

function open(options: Omit<CarrierOptions, 'clock' | 'requested'> = {}) {
  const clock = new VirtualClock();
  const requests: Request[] = [];
  const accepted: End[] = [];
  let answers: 'accept' | 'refuse' | 'wait' = 'accept';
  const both = carrier({
    ...options,
    clock,
    requested(request) {
      requests.push(request);
      if (answers === 'accept') accepted.push(endOf(request.accept()));
      else if (answers === 'refuse') request.refuse('not today');
    },
  });
  const connect = (...what: unknown[]): { readonly end: () => End | undefined; readonly failure: () => string | undefined; readonly stop: () => void } => {
    let end: End | undefined;
    let failure: string | undefined;
    const stop = both.left.open(what, { opened: (channel) => { end = endOf(channel); }, failed: (reason) => { failure = reason; } });
    return { end: () => end, failure: () => failure, stop };
  };
  const pair = (): { readonly left: End; readonly right: End } => {
    const { end } = connect('what');
    clock.run();
    const [left, right] = [end(), accepted.at(-1)];
    if (left === undefined || right === undefined) throw new Error('not open');
    return { left, right };
  };
  return { ...both, clock, requests, accepted, connect, pair, answer: (how: typeof answers) => { answers = how; } };
}

describe('V1: a channel', () => {
  it('is opened for something that the other end is told', () => {
    const { connect, requests, clock } = open();
    const { end } = connect('relay', 'node1', 7);
    clock.run();
    expect(requests[0]?.what).toEqual(['relay', 'node1', 7]);
    expect(end()).toBeDefined();
  });

  it('is refused with a reason', () => {
    const { connect, clock, answer, left, right } = open();
    answer('refuse');
    const { end, failure } = connect('x');
    clock.run();
    expect([end(), failure()]).toEqual([undefined, 'not today']);
    expect([left.size, right.size]).toEqual([0, 0]);
  });

  it('may be taken back before it is open; nothing of it stays', () => {
    const { connect, clock, left, right, accepted } = open();
    const { end, stop } = connect('x');
    stop();
    clock.run();
    expect(end()).toBeUndefined();
    expect(accepted[0]?.heard).toEqual(['FAILED: reset by the other end']);
    expect([left.size, right.size]).toEqual([0, 0]);
  });

  it('carries text and octets in order, both ways', () => {
    const { pair, clock } = open();
    const { left, right } = pair();
    left.channel.write('one');
    left.channel.write(Uint8Array.of(1, 2));
    right.channel.write('other');
    left.channel.write('two');
    clock.run();
    expect(right.heard).toEqual(['one', 'octets 1 2', 'two']);
    expect(left.heard).toEqual(['other']);
  });

  it('ends on each side once, after what was written', () => {
    const { pair, clock, left: a, right: b, log } = open();
    const { left, right } = pair();
    left.channel.write('last');
    left.channel.finish();
    left.channel.write('never');
    clock.run();
    expect(right.heard).toEqual(['last', 'END']);
    right.channel.write('nobody reads it');
    right.channel.finish();
    clock.run();
    expect([a.size, b.size]).toEqual([0, 0]);
    expect(log.filter(({ kind }) => kind === 'end')).toHaveLength(2);
    expect(left.heard).toEqual([]);
  });

  it('may be ended by both at the same time', () => {
    const { pair, clock, left: a, right: b } = open();
    const { left, right } = pair();
    left.channel.finish();
    right.channel.finish();
    clock.run();
    expect([a.size, b.size, left.heard, right.heard]).toEqual([0, 0, [], []]);
  });

  it('is broken off at once, without what was written', () => {
    const { pair, clock, left: a, right: b } = open({ capacity: 1 });
    const { left, right } = pair();
    for (let i = 0; i < 100; i++) left.channel.write(`${i}`);
    left.channel.abort();
    clock.run();
    expect(right.heard).toEqual(['FAILED: reset by the other end']);
    expect(left.channel.queued).toBeGreaterThan(0);
    expect([a.size, b.size]).toEqual([0, 0]);
  });

  it('ends with its carrier', () => {
    const { pair, connect, clock, left: a, right: b } = open();
    const { left, right } = pair();
    const { failure } = connect('late');
    left.channel.write('lost');
    a.end('the line is cut');
    b.end('the line is cut');
    expect([left.heard, right.heard]).toEqual([['FAILED: the line is cut'], ['FAILED: the line is cut']]);
    expect(failure()).toBe('the line is cut');
    left.channel.write('nothing');
    left.channel.finish();
    left.channel.abort();
    clock.run();
    expect([a.size, b.size]).toEqual([0, 0]);
  });

  it('that is accepted after its carrier has ended is broken from the start', () => {
    const { connect, requests, clock, answer, right } = open();
    answer('wait');
    connect('x');
    clock.run();
    right.end('the line is cut');
    const end = endOf(requests[0]?.accept() as Channel);
    end.channel.write('nothing');
    clock.run();
    expect([end.channel.queued, right.size]).toEqual([0, 0]);
  });
});

describe('V2: what the carrier loses breaks the channel, and makes no hole', () => {
  const pieces = (change: (packet: Packet) => readonly Packet[]) =>
    open({ on: (packet) => (packet.kind === 'piece' && packet.data === 'two' ? change(packet) : [packet]) });
  const sendThree = ({ pair, clock }: ReturnType<typeof open>): { readonly left: End; readonly right: End } => {
    const { left, right } = pair();
    for (const word of ['one', 'two', 'three']) left.channel.write(word);
    clock.run();
    return { left, right };
  };

  it('a gap', () => {
    const both = pieces(() => []);
    const { left, right } = sendThree(both);
    expect(right.heard).toEqual(['one', 'FAILED: packet 3 came where 2 was expected']);
    expect(left.heard).toEqual(['FAILED: reset by the other end']);
    expect([both.left.size, both.right.size]).toEqual([0, 0]);
  });

  it('a repeat', () => {
    const both = pieces((packet) => [packet, packet]);
    const { left, right } = sendThree(both);
    expect(right.heard).toEqual(['one', 'two', 'FAILED: packet 2 came where 3 was expected']);
    expect(left.heard).toEqual(['FAILED: reset by the other end']);
    expect([both.left.size, both.right.size]).toEqual([0, 0]);
  });

  it('a lost credit', () => {
    const both = open({ on: (packet) => (packet.kind === 'credit' ? [] : [packet]), limits: { channelWindow: 2048 } });
    const { left, right } = both.pair();
    left.channel.write('x'.repeat(3000));
    both.clock.run();
    right.channel.write('then this is one too late');
    both.clock.run();
    expect(left.heard).toEqual([expect.stringMatching(/^FAILED: packet \d+ came where 1 was expected$/)]);
  });

  it('a lost end', () => {
    const both = open({ on: (packet) => (packet.kind === 'end' ? [] : [packet]) });
    const { left, right } = both.pair();
    left.channel.finish();
    both.clock.run();
    right.channel.write('what?');
    both.clock.run();
    right.channel.abort();
    both.clock.run();
    expect(both.left.size).toBe(0);
  });

  it('a channel that goes on after its end: only that one breaks', () => {
    const { pair, clock, right: mux } = open();
    const { left, right } = pair();
    left.channel.finish();
    clock.run();
    mux.receive({ kind: 'piece', id: 1, n: 2, data: 'more' });
    clock.run();
    expect(right.heard).toEqual(['END', 'FAILED: it was ended, and goes on']);
    expect(mux.size).toBe(0);
  });

  it('a channel that nobody knows', () => {
    const { right, clock, log } = open();
    right.receive({ kind: 'piece', id: 77, n: 1, data: 'x' });
    clock.run();
    expect(log).toEqual([{ kind: 'abort', id: -77 }]);
  });

  it.each<[string, readonly unknown[]]>([
    ['a kind that is none', ['peace', 1]],
    ['no number', ['abort', 'x']],
    ['the channel 0', ['abort', 0]],
    ['a piece of something else', ['piece', 1, 1, 7]],
    ['an empty piece', ['piece', 1, 1, '']],
    ['a piece without a number', ['piece', 1, -1, 'x']],
    ['a credit of nothing', ['credit', 1, 1, 0]],
    ['a window that is too small', ['open', 1, 10]],
    ['an opening in the name of the other end', ['open', -1, 4096]],
    ['a refusal without a reason', ['refuse', 1]],
    ['a refusal with a long reason', ['refuse', 1, 'x'.repeat(5000)]],
  ])('%s is refused', (_, elements) => {
    expect(() => packetOf(elements, { nameSize: 4096 })).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });

  it.each<[string, readonly unknown[]]>([
    ['opened twice', ['open', 1, 4096]],
    ['accepted without a request', ['accept', -9, 4096]],
    ['refused without a request', ['refuse', -9, 'no']],
  ])('a channel that is %s is an error of the carrier', (_, elements) => {
    const { right, pair } = open();
    pair();
    expect(() => { right.receive(packetOf(elements, { nameSize: 4096 })); }).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });

  it('packets are read as they were written', () => {
    const packets: readonly Packet[] = [
      { kind: 'open', id: 1, window: 4096, what: [] },
      { kind: 'open', id: 1, window: 4096, what: ['a', { b: 1 }] },
      { kind: 'accept', id: -1, window: 4096 },
      { kind: 'refuse', id: -1, reason: 'no' },
      { kind: 'piece', id: 1, n: 1, data: 'text' },
      { kind: 'piece', id: 1, n: 2, data: Uint8Array.of(1) },
      { kind: 'credit', id: -1, n: 1, amount: 7 },
      { kind: 'end', id: 1, n: 3 },
      { kind: 'abort', id: 1 },
    ];
    for (const packet of packets) expect(packetOf(elementsOf(packet), { nameSize: 4096 })).toEqual(packet);
  });
});

describe('V3: a slow reader stops the writer', () => {
  it('no more waits than the window, and what was taken is given back', () => {
    const { pair, clock } = open({ limits: { channelWindow: 8192, channelPiece: 1024 } });
    const { left, right } = pair();
    right.eager = false;
    for (let i = 0; i < 100; i++) left.channel.write('x'.repeat(500));
    clock.run();
    const cost = (pieces: readonly Chunk[]): number => pieces.reduce((sum, piece) => sum + costOf(piece), 0);
    expect(cost(right.waiting)).toBeGreaterThan(8192 - 600);
    expect(cost(right.waiting)).toBeLessThanOrEqual(8192);
    expect(left.channel.queued).toBe(50_000 - right.waiting.length * 500);
    right.eager = true;
    for (const piece of right.waiting.splice(0)) right.channel.taken(piece);
    clock.run();
    expect(right.heard.join('')).toHaveLength(50_000);
    expect(left.channel.queued).toBe(0);
  });

  it('short pieces count for what they hold', () => {
    const { pair, clock } = open({ limits: { channelWindow: 8192 } });
    const { left, right } = pair();
    right.eager = false;
    for (let i = 0; i < 1000; i++) left.channel.write('x');
    clock.run();
    expect(right.waiting.length).toBeLessThan(8192 / 64);
  });

  it('who sends more than he may is cut off', () => {
    const { pair, clock, right: mux } = open({ limits: { channelWindow: 1024 } });
    const { left, right } = pair();
    right.eager = false;
    mux.receive({ kind: 'piece', id: 1, n: 1, data: 'x'.repeat(2000) });
    clock.run();
    expect(right.heard).toEqual(['FAILED: the other end has sent 1040 more than it may']);
    expect(left.heard).toEqual(['FAILED: reset by the other end']);
  });

  it('a channel that nobody reads does not hold up another one', () => {
    const { pair, clock } = open({ capacity: 2 });
    const [slow, quick] = [pair(), pair()];
    slow.right.eager = false;
    for (let i = 0; i < 100; i++) slow.left.channel.write('x'.repeat(64 * 1024));
    quick.left.channel.write('hello');
    clock.run();
    expect(quick.right.heard).toEqual(['hello']);
    expect(slow.left.channel.queued).toBeGreaterThan(90 * 64 * 1024);
  });

  it('channels take turns, a piece each', () => {
    const { pair, clock, log } = open({ capacity: 2, limits: { channelPiece: 1000 } });
    const [one, other] = [pair(), pair()];
    one.left.channel.write('a'.repeat(5000));
    other.left.channel.write('b'.repeat(5000));
    clock.run();
    expect(log.flatMap((packet) => (packet.kind === 'piece' ? [packet.id] : []))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
  });

  it('text is never cut within a character', () => {
    const { pair, clock } = open({ limits: { channelPiece: 1001 } });
    const { left, right } = pair();
    const text = '🙂'.repeat(3000);
    left.channel.write(text);
    clock.run();
    expect(right.heard.length).toBeGreaterThan(5);
    for (const piece of right.heard) expect(piece.isWellFormed()).toBe(true);
    expect(right.heard.join('')).toBe(text);
  });
});

describe('V4: limits', () => {
  it('no more channels than limits.channels', () => {
    const { connect, clock, right } = open({ limits: { channels: 2 } });
    const all = [connect('a'), connect('b'), connect('c')];
    clock.run();
    expect(all.map(({ failure }) => failure())).toEqual([undefined, undefined, 'there are 2 channels already (limits.channels)']);
    expect(right.size).toBe(2);
  });

  it('a channel that has ended makes room', () => {
    const { pair, clock, connect } = open({ limits: { channels: 1 } });
    const { left, right } = pair();
    left.channel.finish();
    right.channel.finish();
    clock.run();
    const { end } = connect('next');
    clock.run();
    expect(end()).toBeDefined();
  });
});
