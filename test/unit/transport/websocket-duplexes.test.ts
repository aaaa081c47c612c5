import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { HIGH_WATER_MARK } from '../../../src/transport/backpressure.js';
import { closeFailure } from '../../../src/transport/websocket-close.js';
import { browserRig, CLOSE_TIME, listenTo, webSocketRig } from '../../fixtures/fake-sockets.js';

const FAILED = 'TransportError: connection with there failed: ';

describe('a limit on what comes over a WebSocket', () => {
  it('counts from when it was set, and breaks off at the first octet beyond it', () => {
    const { duplex, come, calls } = webSocketRig();
    come(1_000);
    const told = listenTo(duplex);
    duplex.limit?.(10);
    come(10);
    calls();
    expect([duplex.arrived, told]).toEqual([1_010, []]);
    come(1);
    expect(calls()[0]).toBe('terminate');
    expect(told).toEqual([`${FAILED}more than 10 octets came at once`]);
  });

  it('lets no more than a thousand pieces in, however short', () => {
    const { duplex, come, calls } = webSocketRig();
    const told = listenTo(duplex);
    duplex.limit?.(1_000_000);
    calls();
    for (let i = 0; i < 1_000; i++) come(1);
    expect([told, calls()]).toEqual([[], []]);
    come(1);
    expect([told, calls()[0]]).toEqual([[`${FAILED}more than 1000 pieces came at once`], 'terminate']);
  });

  it('looks at nothing any more once it is lifted', () => {
    const { duplex, come, onlookers } = webSocketRig();
    const told = listenTo(duplex);
    const lift = duplex.limit?.(10);
    expect(onlookers()).toBe(1);
    lift?.();
    come(1_000);
    expect([onlookers(), told]).toEqual([0, []]);
  });

  it('is none where nothing is known of the socket below', () => {
    const { duplex } = webSocketRig(false);
    duplex.limit?.(10)();
    expect(duplex.arrived).toBe(0);
  });

  it('in a browser counts frames that are whole', () => {
    const lifted = browserRig();
    lifted.arrive('x'.repeat(5));
    const lift = lifted.duplex.limit?.(10);
    lifted.arrive('x'.repeat(4));
    lifted.arrive(new Uint8Array(6));
    lift?.();
    const told = listenTo(lifted.duplex);
    lifted.arrive('x');
    lifted.arrive('x'.repeat(1_000));
    expect(told.map((chunk) => chunk.length)).toEqual([5, 4, 6, 1, 1_000]);

    const limited = browserRig();
    const heard = listenTo(limited.duplex);
    limited.duplex.limit?.(10);
    limited.arrive('x'.repeat(10));
    limited.arrive('y');
    expect(heard.slice(1)).toEqual([expect.stringMatching(/failed: more came at once than may come before the other end has proved who it is$/)]);
    expect(limited.calls()).toEqual(['close 4000']);
  });
});

describe('the longest frame that a browser takes', () => {
  it.each([['text', (octets: number) => 'x'.repeat(octets)], ['octets', (octets: number) => new Uint8Array(octets)]])('is so long, of %s', (_, frame) => {
    const { arrive, duplex, calls, clock } = browserRig(10);
    const told = listenTo(duplex);
    arrive(frame(10));
    expect(calls()).toEqual([]);
    arrive(frame(11));
    expect(told.slice(1)).toEqual(['TransportError: connection with ws://there:1 failed: a frame of 11 octets came: the longest may be 10']);
    expect(calls()).toEqual(['close 4000']);
    arrive(frame(12));
    expect(calls()).toEqual([]);
    clock.runFor(CLOSE_TIME);
    expect(told.slice(2).toSorted()).toEqual(['drained over', 'gone over']);
  });
});

describe('a WebSocket in a browser', () => {
  it('is looked at for room only while something waits for that, and not after the end', () => {
    for (const act of ['close', 'refuse', 'break'] as const) {
      const { arrive, breakOff, clock, duplex, hold } = browserRig(10);
      const told = listenTo(duplex);
      expect(clock.pending).toBe(0);
      hold(HIGH_WATER_MARK + 1);
      duplex.write('a');
      duplex.write('b');
      expect(clock.pending).toBe(1);
      hold(HIGH_WATER_MARK / 2 + 1);
      clock.runFor(10);
      expect([clock.pending, told]).toEqual([1, []]);
      if (act === 'close') duplex.close();
      else if (act === 'refuse') arrive('x'.repeat(11));
      else breakOff();
      // of an end that may get stuck
      expect(clock.pending).toBe(act === 'break' ? 0 : 1);
      hold(0);
      clock.runFor(10);
      expect(told).not.toContain('drained');
    }
  });

  it('sends only while it is open, and is as safe as its address says', () => {
    const { duplex, socket, written, hold, clock } = browserRig();
    expect(duplex.secure).toBe(false);
    expect(browserRig(10, 'wss://there').duplex.secure).toBe(true);
    expect(duplex.write('a')).toBe(true);
    socket.readyState = 2;
    hold(HIGH_WATER_MARK + 1);
    expect([duplex.write('b'), written, clock.pending]).toEqual([true, ['a'], 0]);
  });

  it('that was given up waits for nothing, whatever it is told', () => {
    const { clock, duplex } = browserRig();
    const told = listenTo(duplex);
    duplex.close();
    clock.runFor(CLOSE_TIME);
    expect(told).toContain('gone over');
    duplex.close(undefined, 50);
    expect(clock.pending).toBe(0);
  });

  it('says why it was closed', () => {
    const { duplex, close } = browserRig();
    const told = listenTo(duplex);
    close(1011, 'out of order');
    expect(told[0]).toBe('TransportError: connection with ws://there:1 failed: closed with code 1011: out of order');
  });
});

describe('a WebSocket of Node.js', () => {
  it('sends only while ws says that it is open', () => {
    const { duplex, state, written, hold } = webSocketRig();
    expect(duplex.write('a')).toBe(true);
    state(WebSocket.CLOSING);
    hold(HIGH_WATER_MARK + 1);
    expect([duplex.write('b'), written]).toEqual([true, ['a']]);
  });

  it('gives text and octets as what they came', () => {
    const { duplex, arrive } = webSocketRig();
    const chunks: unknown[] = [];
    duplex.incoming$.subscribe((chunk) => chunks.push(chunk));
    arrive('zwölf');
    arrive(Uint8Array.of(0, 255));
    expect(chunks).toEqual(['zwölf', Buffer.of(0, 255)]);
  });

  it('says that it closes only when all has left, and gives that its time', () => {
    const { clock, duplex, hold, passOn, calls } = webSocketRig();
    duplex.write('a');
    duplex.write('b');
    hold(1);
    calls();
    duplex.close();
    expect(calls()).toEqual(['resume']);
    passOn();
    expect(calls()).toEqual([]);
    clock.runFor(CLOSE_TIME - 1);
    hold(0);
    duplex.write('never');
    expect(calls()).toEqual([]);
    clock.runFor(1);
    // less waits than before: it goes on
    expect([calls(), clock.pending]).toEqual([[], 1]);
  });

  it('says so with the last that leaves', () => {
    const { duplex, hold, passOn, calls } = webSocketRig();
    duplex.write('a');
    hold(1);
    duplex.close();
    calls();
    hold(0);
    passOn();
    expect(calls()).toEqual(['close 1000']);
  });

  it('does not tell of room before half of what it may hold has left, and not when nobody had to wait', () => {
    const { duplex, hold, passOn } = webSocketRig();
    const told = listenTo(duplex);
    duplex.write('a');
    passOn();
    expect(told).toEqual([]);
    hold(HIGH_WATER_MARK + 1);
    duplex.write('b');
    hold(HIGH_WATER_MARK / 2 + 1);
    passOn();
    expect([told, duplex.write('c')]).toEqual([[], false]);
    hold(HIGH_WATER_MARK / 2);
    passOn();
    expect([told, duplex.write('d')]).toEqual([['drained'], true]);
  });

  it('after an error ends as if this end had closed it, and says why', () => {
    const { breakOff, duplex, calls, clock, gone } = webSocketRig();
    const told = listenTo(duplex);
    calls();
    breakOff();
    expect([told, calls(), clock.pending]).toEqual([[`${FAILED}cable pulled`], ['close 1000', 'resume'], 1]);
    breakOff();
    expect(calls()).toEqual([]);
    gone();
    expect(told.slice(1)).toEqual(['drained over', 'gone over']);
  });

  it('says why it was closed', () => {
    const { duplex, close } = webSocketRig();
    const told = listenTo(duplex);
    close(1011, 'out of order');
    expect(told).toEqual([`${FAILED}closed with code 1011: out of order`, 'drained over', 'gone over']);
  });
});

describe('a close code', () => {
  it.each([
    [1000, '', undefined],
    [1001, 'going away', undefined],
    [1005, '', undefined],
    [1002, '', 'closed with code 1002'],
    [1006, 'is ignored', 'broken off by the other end or the network (1006)'],
    [4000, '', 'closed with code 4000'],
    [4000, 'why', 'closed with code 4000: why'],
  ])('%i %s: %s', (code, reason, failure) => {
    expect(closeFailure('there', code, reason)?.message).toBe(failure === undefined ? undefined : `connection with there failed: ${failure}`);
  });
});
