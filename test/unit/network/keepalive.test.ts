import { NEVER, Subject } from 'rxjs';
import { VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { watchSilence } from '../../../src/network/keepalive.js';
import type { Link, LinkEnd } from '../../../src/transport/link.js';

const MONITOR_TIMEOUT = 1_000;

/** A link without a connection, that only counts. */
function watched() {
  const clock = new VirtualClock();
  const closed$ = new Subject<LinkEnd>();
  const told: string[] = [];
  let failing = (): void => undefined;
  const counts = { signs: 1, sent: 1, isRead: true };
  const link = {
    get isRead() {
      return counts.isRead;
    },
    node: 'peer',
    get signs() {
      return counts.signs;
    },
    get sent() {
      return counts.sent;
    },
    send(portName: string, message: readonly unknown[]) {
      counts.sent++;
      told.push(JSON.stringify([portName, ...message]));
      failing();
      return true;
    },
    status: { status: 'up' },
    acknowledge: () => false,
    interrupt(reason?: string) {
      told.push(`closed at ${clock.now()}: ${reason}`);
      closed$.next({ reason: reason ?? '', fault: true });
    },
    closed$,
    writable$: NEVER,
  };
  watchSilence(link as unknown as Link, 'me', MONITOR_TIMEOUT, clock);
  return { clock, told, counts, closed$, fails: (what: () => void) => { failing = what; } };
}

describe('watchSilence (S16)', () => {
  it('asks a silent peer for an echo, twice, and closes well within monitorTimeout', () => {
    const { clock, told } = watched();
    clock.runFor(10 * MONITOR_TIMEOUT);
    const echo = '["","snd","me","devnull"]';
    expect(told).toEqual([echo, echo, 'closed at 600: no sign of life for 600 ms']);
    expect(clock.pending).toBe(0);
  });

  it('notices a peer that falls silent at the worst moment within monitorTimeout', () => {
    const { clock, told, counts } = watched();
    clock.runFor(201);
    counts.signs++; // the last sign, right after a look
    clock.runFor(10 * MONITOR_TIMEOUT);
    expect(told.at(-1)).toMatch(/^closed at 1000/);
  });

  it('tells a peer that it is heard, while the peer itself has something to say that takes long', () => {
    const { clock, told, counts } = watched();
    for (let i = 0; i < 50; i++) {
      counts.signs++; // another piece of a large message
      clock.runFor(MONITOR_TIMEOUT / 5);
    }
    expect(new Set(told)).toEqual(new Set(['[""]']));
    expect(told).toHaveLength(50);
  });

  it('says nothing while messages go both ways', () => {
    const { clock, told, counts } = watched();
    for (let i = 0; i < 50; i++) {
      counts.signs++;
      counts.sent++;
      clock.runFor(MONITOR_TIMEOUT / 5);
    }
    expect(told).toEqual([]);
  });

  it('leaves no timer when what it says ends the link', () => {
    const { clock, counts, closed$, fails } = watched();
    fails(() => { closed$.next({ reason: 'the send queue is too long', fault: true }); });
    clock.runFor(MONITOR_TIMEOUT);
    expect([clock.pending, counts.sent]).toEqual([0, 2]);
  });

  it('stops with the link', () => {
    const { clock, closed$ } = watched();
    closed$.next({ reason: 'x', fault: false });
    expect(clock.pending).toBe(0);
  });
});
