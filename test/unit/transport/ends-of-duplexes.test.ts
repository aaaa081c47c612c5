import { describe, expect, it } from 'vitest';
import { HIGH_WATER_MARK } from '../../../src/transport/backpressure.js';
import { browserRig, CLOSE_TIME, listenTo, socketRig, webSocketRig, type Rig } from '../../fixtures/fake-sockets.js';

interface Kind {
  readonly make: () => Rig;
  /** What is asked of the socket for a graceful end, for an abrupt one, and where an end gets stuck. */
  readonly graceful: readonly string[];
  readonly abrupt: readonly string[];
  readonly stuck: readonly string[];
}

const kinds: readonly [string, Kind][] = [
  ['of TCP and TLS', { make: socketRig, graceful: ['end', 'resume'], abrupt: ['abort'], stuck: ['destroy'] }],
  ['of a WebSocket', { make: webSocketRig, graceful: ['close 1000', 'resume'], abrupt: ['terminate'], stuck: ['terminate'] }],
  // a browser can only say that it closes
  ['of a WebSocket in a browser', { make: browserRig, graceful: ['close 1000'], abrupt: ['close 4000'], stuck: [] }],
];

describe.each(kinds)('a duplex %s', (_name, { make, graceful, abrupt, stuck }) => {
  const fault = new Error('fault');

  it.each([
    ['without an error', undefined],
    ['with an error', fault],
  ])('closed %s ends at once for who reads and who waits, and later for who waits until it is gone', (_, error) => {
    const { clock, duplex, calls, gone } = make();
    const told = listenTo(duplex);
    calls();
    duplex.close(error);
    expect(told.toSorted()).toEqual(['drained over', 'incoming over']);
    expect(calls().filter((call) => call !== 'pause')).toEqual(error === undefined ? graceful : abrupt);
    gone();
    expect(told).toHaveLength(3);
    expect(told[2]).toBe('gone over');
    expect(clock.pending).toBe(0);
  });

  it('neither gives nor takes anything after it was closed, whoever reads, and asks its socket for nothing more', () => {
    for (const error of [undefined, fault]) {
      const { duplex, arrive, written, calls, breakOff, gone, hold } = make();
      arrive('never read');
      duplex.close(error);
      arrive('too late');
      calls();
      hold(10 * HIGH_WATER_MARK);
      expect([duplex.write('x'), written]).toEqual([true, []]);
      duplex.close();
      duplex.close(fault);
      expect(calls()).toEqual([]);
      expect(listenTo(duplex).toSorted()).toEqual(['drained over', 'incoming over']);
      breakOff();
      gone();
      expect(listenTo(duplex).toSorted()).toEqual(['drained over', 'gone over', 'incoming over']);
    }
  });

  it('is given up where nothing leaves, after the time for that', () => {
    const { clock, duplex, calls, hold } = make();
    hold(20);
    duplex.close();
    calls();
    clock.runFor(CLOSE_TIME - 1);
    hold(19);
    duplex.close();
    clock.runFor(1);
    clock.runFor(CLOSE_TIME - 1);
    expect(calls()).toEqual([]);
    clock.runFor(1);
    expect(calls()).toEqual(stuck);
    expect(clock.pending).toBe(0);
  });

  it('closed within some ms is given up then, counted from the last time that this was said', () => {
    for (const first of [undefined, 5_000]) {
      const { clock, duplex, calls, hold } = make();
      hold(20);
      duplex.close(undefined, first);
      calls();
      clock.runFor(CLOSE_TIME - 1);
      duplex.close(undefined, 1_500);
      clock.runFor(1_499);
      // an end is abrupt from the beginning, or not at all
      duplex.close(fault, 1);
      expect(calls()).toEqual([]);
      clock.runFor(1);
      expect(calls()).toEqual(stuck);
    }
  });

  it('that is gone sets no timer, whatever it is told', () => {
    for (const close of [(): void => undefined, (duplex: Rig['duplex']) => { duplex.close(); }]) {
      const { clock, duplex, calls, gone } = make();
      close(duplex);
      gone();
      calls();
      duplex.close();
      duplex.close(undefined, 50);
      duplex.close(fault, 50);
      expect([clock.pending, calls()]).toEqual([0, []]);
    }
  });

  it('gives what has come before the other end has closed, then its own end, once', () => {
    const { clock, duplex, arrive, endThere, gone } = make();
    arrive('first');
    arrive('last');
    endThere();
    const told: string[] = [];
    const decoder = new TextDecoder();
    duplex.incoming$.subscribe({
      next: (chunk) => told.push(typeof chunk === 'string' ? chunk : decoder.decode(chunk)),
      complete: () => told.push('over'),
    });
    expect(told).toEqual(['first', 'last', 'over']);
    gone();
    expect(told).toHaveLength(3);
    expect(clock.pending).toBe(0);
    const later: string[] = listenTo(duplex);
    expect(later.toSorted()).toEqual(['drained over', 'gone over', 'incoming over']);
  });

  it('that breaks gives its reader the reason, whom a later end does not tell another', () => {
    const { clock, duplex, breakOff, written, gone, hold, calls } = make();
    const told = listenTo(duplex);
    breakOff();
    expect(told.filter((one) => one.includes('Error'))).toEqual([expect.stringMatching(/^TransportError: connection with (ws:\/\/)?there.* failed: /)]);
    hold(10 * HIGH_WATER_MARK);
    expect([duplex.write('x'), written]).toEqual([true, []]);
    calls();
    duplex.close();
    expect(calls()).toEqual([]);
    gone();
    expect([told.length, clock.pending]).toEqual([3, 0]);
  });

  it('has enough above the high-water mark, and tells once when it takes more', () => {
    const { duplex, hold, passOn, written } = make();
    const told = listenTo(duplex);
    hold(HIGH_WATER_MARK);
    expect(duplex.write('a')).toBe(true);
    passOn();
    told.length = 0;
    hold(HIGH_WATER_MARK + 1);
    expect([duplex.write('b'), duplex.write('c')]).toEqual([false, false]);
    expect(told).toEqual([]);
    hold(HIGH_WATER_MARK / 2);
    passOn();
    expect(told).toEqual(['drained']);
    expect(duplex.write('d')).toBe(true);
    expect(written).toEqual(['a', 'b', 'c', 'd']);
    passOn();
    duplex.close();
    hold(0);
    passOn();
    // a socket of TCP says it each time, for whoever asks
    expect(told.slice(-2).toSorted()).toEqual(['drained over', 'incoming over']);
  });
});

describe.each([
  ['of TCP and TLS', socketRig],
  ['of a WebSocket', webSocketRig],
] as const)('a duplex %s', (_name, make) => {
  it('lets its socket bring only what somebody reads, until it is closed', () => {
    const { duplex, calls, gone } = make();
    expect(calls()).toEqual(['pause']);
    const reading = duplex.incoming$.subscribe();
    expect(calls()).toEqual(['resume']);
    reading.unsubscribe();
    expect(calls()).toEqual(['pause']);
    duplex.close();
    expect(calls().at(-1)).toBe('resume');
    duplex.incoming$.subscribe().unsubscribe();
    gone();
    expect(calls()).toEqual([]);
  });

  it('says what it holds, and what was lost of that after it was given up', () => {
    const { clock, duplex, hold } = make();
    hold(7);
    expect(duplex.unsent).toBe(7);
    duplex.close(undefined, 10);
    hold(6);
    expect(duplex.unsent).toBe(6);
    clock.runFor(10);
    hold(0);
    expect(duplex.unsent).toBe(6);
    // as often as it is given up: what was lost is lost
    duplex.close(undefined, 10);
    clock.runFor(10);
    expect(duplex.unsent).toBe(6);
  });
});
