import { Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/index.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { createLink, type Link } from '../../../src/transport/link.js';

interface Way {
  readonly early?: string;
  readonly limits?: Partial<Limits>;
  readonly framing?: string;
  readonly receives?: string;
  readonly duplex?: Partial<Duplex>;
  /** Whether the connection takes more at first. */
  readonly takes?: boolean;
}

/** A link on a connection that does what the test says. */
function make({ early = '', limits, framing = 'json', receives = 'json', duplex: more, takes = true }: Way = {}) {
  const clock = new VirtualClock();
  const incoming$ = new Subject<Chunk>();
  const drained$ = new Subject<undefined>();
  const gone$ = new Subject<never>();
  const written: Chunk[] = [];
  const closes: unknown[][] = [];
  const state = { takes, unsent: 0, arrived: 0 };
  const duplex: Duplex = {
    ...{ incoming$, drained$, gone$, remoteAddress: 'there' },
    write: (chunk) => { written.push(chunk); return state.takes; },
    close: (...given) => { closes.push(given); },
    get unsent() { return state.unsent; },
    get arrived() { return state.arrived; },
    ...more,
  };
  const peer = { protocol: 'aemp', version: '1', node: 'b', auth: [], framings: [], keys: new Map() };
  const agreement = { peer, method: 'rxmp_sha3_512', sendFraming: framing, receiveFraming: receives, trusted: true, secure: false } as never;
  const env = { clock: clockOf(clock), limits: { ...defaultLimits, ...limits } };
  const link = createLink({ duplex, early: new TextEncoder().encode(early), agreement, initiator: true }, env);
  const told: string[] = [];
  const tell = (name: string) => ({ next: (value: unknown) => told.push(`${name} ${JSON.stringify(value)}`), complete: () => told.push(`${name} over`) });
  link.closed$.subscribe(tell('closed'));
  link.left$.subscribe(tell('left'));
  return { clock, link, incoming$, drained$, gone$, written, closes, state, told };
}

/** So long that it is encoded by itself: then its length is known exactly. */
const LONG = 'x'.repeat(5_000);
const OCTETS = JSON.stringify(['p', LONG]).length + 1;

/** Reads a link into a list; `also` is called with each message. */
function read(link: Link, also: (message: readonly unknown[]) => void = () => undefined): string[] {
  const heard: string[] = [];
  link.open({
    message: (port, message) => { heard.push(`${port} ${message.join(' ')}`); also(message); },
    takeIn: (decode) => { decode(); },
    closed: (reason) => heard.push(`closed: ${reason}`),
  });
  return heard;
}

describe('what arrives on a link', () => {
  it('waits until it is opened: first what came along with the handshake, then what the connection brings', () => {
    const { link, incoming$ } = make({ early: '["p","early"]\n' });
    expect([link.isRead, link.signs, incoming$.observed]).toEqual([false, 0, false]);
    const heard = read(link);
    expect([heard, link.isRead, link.signs]).toEqual([['p early'], true, 1]);
    incoming$.next('["p","later"]\n["p","and"]\n');
    incoming$.next('["p"');
    incoming$.next(',"in two"]\n');
    expect(heard).toEqual(['p early', 'p later', 'p and', 'p in two']);
    expect(link.signs).toBe(4);
  });

  it('is no message without the name of a port, but a sign of life', () => {
    const { link, incoming$ } = make();
    const heard = read(link);
    incoming$.next('[]\n["p"]\n[]\n');
    expect([heard, link.signs]).toEqual([['p '], 1]);
  });

  it('waits while the link is paused, also for what came along with the handshake, and comes once', () => {
    const { link, incoming$ } = make({ early: '["p","early"]\n' });
    link.pause();
    const heard = read(link);
    expect([heard, link.isRead, incoming$.observed]).toEqual([[], false, false]);
    link.resume();
    link.resume();
    expect([heard, link.isRead]).toEqual([['p early'], true]);
    link.pause();
    link.pause();
    expect([link.isRead, incoming$.observed]).toEqual([false, false]);
    link.resume();
    expect([link.isRead, incoming$.observed]).toEqual([true, true]);
    incoming$.next('["p","later"]\n');
    expect(heard).toEqual(['p early', 'p later']);
  });

  it('does not begin before the link is opened, whoever resumes it', () => {
    const { link, incoming$ } = make({ early: '["p","early"]\n' });
    link.resume();
    expect([link.isRead, incoming$.observed, link.signs]).toEqual([false, false, 0]);
    expect(read(link)).toEqual(['p early']);
  });

  it.each([
    ['paused', (link: Link) => { link.pause(); }, [false, 0]],
    ['paused and resumed', (link: Link) => { link.pause(); link.resume(); }, [true, 1]],
    ['closed', (link: Link) => { link.close('enough'); }, [false, 0]],
  ])('leaves a link %s that was so at the first message', (_, act, expected) => {
    let subscribed = 0;
    const incoming$ = new Observable<Chunk>(() => { subscribed++; return () => { subscribed--; }; });
    const { link } = make({ early: '["p","early"]\n', duplex: { incoming$ } });
    read(link, () => { act(link); });
    expect([link.isRead, subscribed]).toEqual(expected);
  });

  it('after a link has ended is not heard, be it in the same chunk', () => {
    for (const end of [(link: Link): void => { link.close('enough'); }, (link: Link): void => { link.leave(100); }]) {
      const { link, incoming$ } = make();
      const heard = read(link, () => { end(link); });
      incoming$.next('["p","first"]\n["p","second"]\n');
      incoming$.next('["p","third"]\n');
      expect(heard).toEqual(['p first', expect.stringMatching(/^closed: /)]);
      expect(link.isRead).toBe(false);
    }
  });

  it('ends a link whose framing it breaks, which is a fault of the other end', () => {
    const { link, incoming$, closes, told } = make();
    const heard = read(link);
    incoming$.next('["p","good"]\n{"p":1}\n');
    expect(heard).toEqual(['p good', expect.stringMatching(/^closed: a message is an array/)]);
    expect(told).toEqual(['left over', expect.stringMatching(/^closed \{"reason":"a message is an array.*"fault":true\}$/), 'closed over']);
    expect(closes).toEqual([[expect.any(Error)]]);
  });

  it('whom a fault of this node hits learns of that fault, and the link goes on', () => {
    const { link, incoming$ } = make();
    const faults: unknown[] = [];
    let messages = 0;
    link.open({
      message: () => { if (messages++ === 0) throw new TypeError('a fault of this node'); },
      takeIn: (decode) => { try { decode(); } catch (error) { faults.push(error); } },
      closed: () => expect.unreachable(),
    });
    incoming$.next('["p"]\n');
    incoming$.next('["p"]\n');
    expect([faults, messages]).toEqual([[new TypeError('a fault of this node')], 2]);
  });
});

describe('the end of a link', () => {
  it.each([
    ['its close', (incoming$: Subject<Chunk>) => { incoming$.complete(); }, 'Unexpected end-of-file'],
    ['a broken connection', (incoming$: Subject<Chunk>) => { incoming$.error(new Error('cable pulled')); }, 'cable pulled'],
    ['what is no error', (incoming$: Subject<Chunk>) => { Reflect.apply((reason: unknown) => { incoming$.error(reason); }, undefined, ['cable cut']); }, 'cable cut'],
  ])('by the other end: %s is no fault, and leaves nothing', (_, end, reason) => {
    const { clock, link, incoming$, closes, told } = make();
    const heard = read(link);
    end(incoming$);
    expect(heard).toEqual([`closed: ${reason}`]);
    expect(told).toEqual(['left over', `closed ${JSON.stringify({ reason, fault: false })}`, 'closed over']);
    expect(closes).toEqual([[undefined]]);
    link.leave(100);
    link.close('again');
    expect([heard.length, told.length, closes.length, clock.pending]).toEqual([1, 3, 1, 0]);
  });

  it('is told to who opens it later, once, and to who asks', () => {
    const { link, incoming$ } = make({ early: '["p","early"]\n' });
    link.close('too late');
    expect(read(link)).toEqual(['closed: too late']);
    expect(read(link)).toEqual([]);
    link.resume();
    expect([link.isRead, incoming$.observed]).toEqual([false, false]);
    const later: unknown[] = [];
    link.closed$.subscribe((end) => later.push(end));
    link.writable$.subscribe({ complete: () => later.push('writable over') });
    expect(later).toEqual([{ reason: 'too late', fault: true }, 'writable over']);
  });

  it('whoever leaves learns how much has not left, when the connection is gone', () => {
    const { link, gone$, state, told, closes, clock } = make();
    read(link);
    link.send('p', ['x']);
    link.leave(100);
    expect(told).toEqual(['closed {"reason":"closed here","fault":false}', 'closed over']);
    expect(closes).toEqual([[undefined, 100]]);
    state.unsent = 7;
    gone$.complete();
    expect(told.slice(2)).toEqual(['left 7', 'left over']);
    const later: unknown[] = [];
    link.left$.subscribe((octets) => later.push(octets));
    expect(later).toEqual([7]);
    expect(clock.pending).toBe(0);
  });

  it('can not be left after it', () => {
    const { link, told, closes } = make();
    link.close('a fault');
    link.leave(100);
    expect([told.filter((one) => one.startsWith('left')), closes.length]).toEqual([['left over'], 1]);
  });
});

describe('a goodbye', () => {
  const waiting = '["p","x"]\n';

  it('waits until the connection takes what waits, has the rest of the time for the end, and reads meanwhile', () => {
    const { clock, link, drained$, incoming$, closes, written, state } = make({ takes: false });
    read(link);
    link.send('p', ['first']);
    clock.run();
    link.send('p', ['x']);
    link.leave(100);
    expect([closes, incoming$.observed, written]).toEqual([[], true, ['["p","first"]\n']]);
    clock.runFor(60);
    // it takes one more and has enough again, with nothing left
    drained$.next(undefined);
    expect(written).toEqual(['["p","first"]\n', waiting]);
    expect([closes, incoming$.observed, clock.pending]).toEqual([[[undefined, 40]], false, 0]);
    state.takes = true;
    drained$.next(undefined);
    clock.runFor(1_000);
    expect(closes).toHaveLength(1);
  });

  it.each([
    ['the time is over', ({ clock }: ReturnType<typeof make>) => { clock.runFor(100); }, 0],
    ['the other end closes', ({ incoming$ }: ReturnType<typeof make>) => { incoming$.complete(); }, 100],
    ['the connection breaks', ({ incoming$ }: ReturnType<typeof make>) => { incoming$.error(new Error('gone')); }, 100],
    ['nothing will leave any more', ({ drained$ }: ReturnType<typeof make>) => { drained$.complete(); }, 100],
  ])('ends when %s, and what waits counts as not left', (_, act, rest) => {
    const made = make({ takes: false });
    const { clock, link, closes, told, gone$, state, incoming$, drained$ } = made;
    read(link);
    link.send('p', ['first']);
    clock.run();
    link.send('p', [LONG]);
    link.leave(100);
    act(made);
    expect(closes).toEqual([[undefined, rest]]);
    expect([clock.pending, incoming$.observed, drained$.observed]).toEqual([0, false, false]);
    state.unsent = 5;
    expect(told.filter((one) => one.startsWith('left'))).toEqual([]);
    gone$.complete();
    expect(told.slice(-2)).toEqual([`left ${OCTETS + 5}`, 'left over']);
  });

  it('is over at once on a connection that holds nothing after its end', () => {
    const { link, told } = make({ duplex: { gone$: undefined, unsent: undefined, arrived: undefined } as never });
    expect(link.signs).toBe(0);
    link.leave(100);
    expect(told.slice(0, 2)).toEqual(['left 0', 'left over']);
  });
});

describe('what is sent on a link', () => {
  it('is counted, and leaves at the end of the turn; nothing after the end', () => {
    const { clock, link, written } = make();
    expect([link.send('p', ['a']), link.send('p', ['b']), link.sent, written]).toEqual([true, true, 2, []]);
    clock.run();
    expect(written).toEqual(['["p","a"]\n["p","b"]\n']);
    link.close('enough');
    expect([link.send('p', ['c']), link.sent]).toEqual([false, 2]);
    clock.run();
    expect(written).toHaveLength(1);
  });

  it('tells once that more waits than the high-water mark, and once that there is room, which is a sign of life', () => {
    const { clock, link, drained$, state } = make({ takes: false, limits: { highWaterMark: 2 * OCTETS } });
    const writable: boolean[] = [];
    link.writable$.subscribe((on) => writable.push(on));
    expect(link.send('p', [LONG])).toBe(true);
    clock.run();
    expect(writable).toEqual([true]);
    const answers = Array.from({ length: 4 }, () => link.send('p', [LONG]));
    expect([answers, writable]).toEqual([[true, true, false, false], [true, false]]);
    expect(link.signs).toBe(0);
    state.takes = true;
    drained$.next(undefined);
    expect([link.signs, writable]).toEqual([1, [true, false, true]]);
    drained$.next(undefined);
    expect([link.signs, writable]).toEqual([2, [true, false, true]]);
  });

  it('fails the link when more waits than the queue may hold, with figures', () => {
    const { link, told, closes } = make({ takes: false, limits: { queueSize: 2 * OCTETS - 1 } });
    link.send('p', [LONG]);
    expect(told).toEqual([]);
    link.send('p', [LONG]);
    expect(told[1]).toBe(`closed {"reason":"the send queue is too long: ${2 * OCTETS} octets wait, limits.queueSize is ${2 * OCTETS - 1}","fault":true}`);
    expect(closes).toEqual([[expect.any(Error)]]);
  });

  it('counts the octets that have come, where the connection tells of them', () => {
    const { link, state, incoming$ } = make();
    read(link);
    state.arrived = 5;
    incoming$.next('[]\n');
    expect(link.signs).toBe(6);
  });
});

it('a link needs framings that are known', () => {
  expect(() => make({ framing: 'xml' })).toThrow(new TypeError('no framing "xml" or "json"'));
  expect(() => make({ receives: 'xml' })).toThrow(new TypeError('no framing "json" or "xml"'));
});
