import { EventEmitter } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { createDoor } from '../../../src/transport/door.js';
import type { Visit } from '../../../src/transport/duplex.js';
import { createHolding, limitOfSystem, shareOf, type Report } from '../../../src/transport/open-files.js';

describe('how many connections a listener may hold', () => {
  it.each([
    // a tenth of the files stays free
    [10_000, 1, 100_000, 9_000],
    [10_000, 4, 100_000, 2_250],
    // 64 at least
    [200, 1, 100_000, 136],
    [200, 2, 100_000, 68],
    [640, 1, 100_000, 576],
    // its own limit
    [10_000, 1, 50, 50],
    [Infinity, 3, 50, 50],
    [Infinity, 3, Infinity, Infinity],
    // one, whatever there is
    [64, 1, 100, 1],
    [10, 5, 100, 1],
    [66, 2, 100, 1],
  ])('of %d files, with %d listeners and a limit of %d: %d', (files, listeners, most, expected) => {
    expect(shareOf(files, listeners, most)).toBe(expected);
  });

  it('is shared out anew when a listener comes or goes', () => {
    const servers = [{ maxConnections: 0 }, { maxConnections: 0 }] as const;
    const [one, other] = [createHolding(servers[0], 1_000_000), createHolding(servers[1], 7)];
    one.begin();
    const alone = one.most;
    other.begin();
    expect(other.most).toBe(7);
    // a few more are accepted, to be turned away with a word
    expect(servers[1].maxConnections).toBe(7 + 16);
    if (alone !== 1_000_000) expect(one.most).toBeLessThanOrEqual(Math.ceil(alone / 2));
    expect(servers[0].maxConnections).toBe(one.most + 16);
    other.end();
    expect([one.most, servers[0].maxConnections]).toEqual([alone, alone + 16]);
    one.end();
  });
});

describe('how many files the process may open', () => {
  const reportOf = (userLimits: unknown): Report => ({ getReport: () => ({ userLimits }) });

  it.each([
    ['a number', reportOf({ open_files: { soft: 1_000 } }), 1_000],
    ['a number as text', reportOf({ open_files: { soft: '1000' } }), 1_000],
    ['that there is no limit', reportOf({ open_files: { soft: 'unlimited' } }), Infinity],
    ['nothing of files', reportOf({}), Infinity],
    ['nothing of limits', reportOf(undefined), Infinity],
    ['nothing at all', undefined, Infinity],
  ])('where the system tells %s', (_, report, expected) => {
    expect(limitOfSystem(report)).toBe(expected);
  });

  it.each([false, true])('is asked for without the names of all who are connected, and that setting (%s) stays as it was', (before) => {
    const seen: unknown[] = [];
    const report: Report = { excludeNetwork: before, getReport: () => { seen.push(report.excludeNetwork); return {}; } };
    limitOfSystem(report);
    expect([seen, report.excludeNetwork]).toEqual([[true], before]);
  });

  it('is asked once, for all listeners', () => {
    const asked = vi.spyOn(process.report, 'getReport');
    const files = [1, 2, 3].map(() => createHolding({ maxConnections: 0 }, 1_000_000).most);
    expect([new Set(files).size, asked.mock.calls.length <= 1]).toEqual([1, true]);
    asked.mockRestore();
  });
});

/** Somebody who connects. */
class Caller extends EventEmitter {
  destroyed = false;
  readonly remoteAddress: string | undefined;
  readonly remotePort = 1;

  constructor(remoteAddress: string | undefined = '10.0.0.1') {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

describe('a door', () => {
  const build = (enter: (visit: Visit) => (() => void) | undefined) => {
    const door = createDoor(createServer(), { connections: 2, enter, failed: () => undefined, missed: () => undefined });
    return (caller: Caller) => door.enter(caller as unknown as Socket);
  };

  it('says that it is crowded while more are there than may be', () => {
    const crowded: boolean[] = [];
    const come = build(({ isCrowded }) => {
      crowded.push(isCrowded);
      return () => undefined;
    });
    const callers = [new Caller(), new Caller(), new Caller()];
    for (const caller of callers) come(caller);
    expect(crowded).toEqual([false, false, true]);
    callers[0]?.destroy();
    callers[1]?.destroy();
    come(new Caller());
    expect(crowded.at(-1)).toBe(false);
  });

  it('closes who is turned away, who has to make room, and who was gone before', () => {
    const visits: Visit[] = [];
    const come = build((visit) => {
      visits.push(visit);
      return visits.length === 2 ? undefined : () => undefined;
    });
    const [first, second, nobody] = [new Caller(), new Caller(), new Caller('')];
    const gone = Object.assign(nobody, { remoteAddress: undefined });
    expect([come(first), come(second), come(gone)]).toEqual([expect.any(Function), undefined, undefined]);
    expect([first.destroyed, second.destroyed, gone.destroyed, visits.length]).toEqual([false, true, true, 2]);
    visits[0]?.evict();
    expect(first.destroyed).toBe(true);
  });

  it('lets everybody in where nobody is asked', () => {
    const door = createDoor(createServer(), undefined);
    expect(door.enter(new Caller() as unknown as Socket)).toEqual(expect.any(Function));
  });
});
