import { finalize, NEVER, of, switchMap, throwError, timer, type Observable } from 'rxjs';
import { VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom } from '../../../src/testing/random.js';
import type { Random } from '../../../src/env/random.js';
import { CONNECT_INTERVAL, tryAddresses } from '../../../src/network/attempts.js';
import { ConnectionFailed } from '../../../src/transport/authenticate.js';
import type { Link } from '../../../src/transport/link.js';
import { always } from './searcher.js';

const MONITOR_TIMEOUT = 30_000;

interface Trial {
  readonly random?: Random;
  readonly monitorTimeout?: number;
  /** What becomes of a connect; nothing, by default. */
  outcome?(address: string, turn: number): Observable<Link>;
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, i) => `memory://host${i}`);

/** Tries the addresses of node `b` on a network that does as it is told. */
function trial(addresses: readonly string[], { random = always(0), monitorTimeout = MONITOR_TIMEOUT, outcome = () => NEVER }: Trial = {}) {
  const clock = new VirtualClock();
  const times: number[] = [];
  const dialed: string[] = [];
  const failed: string[] = [];
  const env = { clock, random, log: recordedLog(), limits: defaultLimits };
  const cancel = tryAddresses(
    'b',
    addresses,
    {
      env,
      monitorTimeout,
      connectInterval: CONNECT_INTERVAL,
      dial: ({ text }) => {
        times.push(clock.now());
        dialed.push(text);
        return outcome(text, dialed.length);
      },
    },
    (reason) => failed.push(reason),
  );
  return { clock, times, dialed, failed, cancel, log: env.log };
}

describe('S19: the addresses of a node', () => {
  it.each([
    ['connect_interval apart', 3, 0, 0, 2_000],
    ['a tenth less by chance', 3, 255, 50, 1_800],
    ['so close that all have their turn within monitorTimeout', 20, 0, 0, 1_400],
    ['that, and a tenth less', 20, 255, 50, 1_260],
    ['never closer than 400 ms', 100, 0, 0, 400],
    ['that, and a tenth less', 100, 255, 50, 360],
  ])('are tried %s: %i addresses, chance %i/256', (_how, count, octet, first, interval) => {
    const { clock, times, dialed, failed, cancel } = trial(hosts(count), { random: always(octet) });
    clock.runFor(200_000);
    expect(times.map(Math.round)).toEqual(hosts(count).map((_, i) => Math.round(times[0]! + (times[1]! - times[0]!) * i)));
    expect([times[0], times[1]! - times[0]!].map((time) => Math.round(time!))).toEqual([first, interval]);
    expect([[...dialed].sort(), failed]).toEqual([hosts(count).sort(), []]);
    cancel();
    expect(clock.pending).toBe(0);
  });

  it('are tried within these bounds, whatever chance says', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { clock, times } = trial(hosts(5), { random: seededRandom(seed) });
      clock.runFor(20_000);
      expect(times).toHaveLength(5);
      expect(times[0]! >= 0 && times[0]! < 50).toBe(true);
      for (let i = 1; i < 5; i++) {
        const gap = times[i]! - times[i - 1]!;
        expect([gap, gap > 1_800 && gap <= 2_000]).toEqual([gap, true]);
      }
    }
  });

  it('are tried in every order, each once', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const { clock, dialed } = trial([...hosts(3), ...hosts(3)], { random: seededRandom(seed) });
      clock.runFor(20_000);
      orders.add(dialed.join());
    }
    expect([...orders].map((order) => order.length)).toEqual(Array.from({ length: 6 }, () => hosts(3).join().length));
  });

  it('have their turn at once when one fails, then after an interval again', () => {
    const { clock, times, failed } = trial(hosts(5), {
      outcome: (_address, turn) => (turn === 3 ? NEVER : throwError(() => new Error('refused'))),
    });
    clock.runFor(20_000);
    expect(times).toEqual([0, 0, 0, 2_000, 2_000]);
    expect(failed).toEqual([]);
  });

  it('that are older than the last one also let the next have its turn', () => {
    const { clock, times } = trial(hosts(4), {
      outcome: (_address, turn) => (turn === 1 ? failLater(clock, 2_500) : NEVER),
    });
    clock.runFor(20_000);
    expect(times).toEqual([0, 2_000, 2_500, 4_500]);
  });

  it('have failed when the last one has, whichever that is; the reason names them in the same order each time', () => {
    const reasons = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { clock, failed } = trial(hosts(2), {
        random: seededRandom(seed),
        outcome: (address) => (address === 'memory://host0' ? failLater(clock, 5_000) : throwError(() => new Error('refused'))),
      });
      clock.runFor(4_999);
      expect(failed).toEqual([]);
      clock.runFor(1_000);
      expect(failed).toHaveLength(1);
      reasons.add(failed[0]!);
      expect(clock.pending).toBe(0);
    }
    expect([...reasons]).toEqual(['memory://host0: late; memory://host1: refused']);
  });

  it('are not all named when there are many', () => {
    const { clock, failed, log } = trial(hosts(9), { outcome: () => throwError(() => new Error('refused')) });
    clock.runFor(1_000);
    expect(failed).toEqual([
      'memory://host0: refused; memory://host1: refused; memory://host2: refused; and 6 addresses more',
    ]);
    expect(log.lines).toHaveLength(9);
    expect(log.lines.every((line) => line.startsWith('debug no connection to b: memory://host'))).toBe(true);
  });

  it.each([[3, ''], [4, '; and 1 addresses more']])('of %i that have failed three are named', (count, more) => {
    const { clock, failed } = trial(hosts(count), { outcome: () => throwError(() => new Error('refused')) });
    clock.runFor(1_000);
    expect(failed).toEqual([`memory://host0: refused; memory://host1: refused; memory://host2: refused${more}`]);
  });

  it('that lead to another node count as failed', () => {
    const { clock, failed } = trial(['memory://host0'], { outcome: () => of({ node: 'c' } as Link) });
    clock.runFor(1_000);
    expect(failed).toEqual(['memory://host0 is c, not b']);
  });

  it('are not tried any more once one leads to the node', () => {
    const { clock, times, failed } = trial(hosts(3), { outcome: () => of({ node: 'b' } as Link) });
    clock.runFor(20_000);
    expect([times, failed, clock.pending]).toEqual([[0], [], 0]);
  });

  it('are not tried any more once that is cancelled; attempts under way are aborted', () => {
    let aborted = 0;
    const { clock, times, failed, cancel } = trial(hosts(3), { outcome: () => NEVER.pipe(finalize(() => aborted++)) });
    clock.runFor(2_500);
    expect([times.length, aborted, clock.pending]).toEqual([2, 0, 1]);
    cancel();
    expect([aborted, clock.pending]).toEqual([2, 0]);
    clock.runFor(20_000);
    expect([times.length, failed]).toEqual([2, []]);
  });

  it('S17: one where the node says that it is connected gets another turn, after an interval', () => {
    const connected = new ConnectionFailed('refused: connected already', 'b', 'connected');
    const { clock, times, failed, cancel } = trial(['memory://host0'], { outcome: () => throwError(() => connected) });
    clock.runFor(5_000);
    expect([times, failed]).toEqual([[0, 2_000, 4_000], []]);
    cancel();
    expect(clock.pending).toBe(0);
  });

  it('S17: one where another node says that has failed', () => {
    const connected = new ConnectionFailed('refused: connected already', 'c', 'connected');
    const { clock, times, failed } = trial(['memory://host0'], { outcome: () => throwError(() => connected) });
    clock.runFor(5_000);
    expect([times, failed]).toEqual([[0], ['memory://host0 is c, not b']]);
  });
});

function failLater(clock: VirtualClock, ms: number): Observable<never> {
  return timer(ms, clock).pipe(switchMap(() => throwError(() => new Error('late'))));
}
