import { defer, NEVER, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { tryAddresses } from '../../../src/network/attempts.js';
import { silentLog, VirtualClock } from '../../../src/testing/index.js';
import { ConnectionFailed } from '../../../src/transport/authenticate.js';
import type { Link } from '../../../src/transport/link.js';
import { always } from './searcher.js';

/** Tries addresses of `b`: each try has the next outcome, nothing after the last. */
function trial(addresses: readonly string[], ...outcomes: readonly Observable<Link>[]) {
  const clock = new VirtualClock();
  const failed: string[] = [];
  const left = [...outcomes];
  let dialed = 0;
  const context = {
    env: { clock, random: always(0), log: silentLog, limits: defaultLimits },
    dial: () => defer(() => {
      dialed++;
      return left.shift() ?? NEVER;
    }),
    monitorTimeout: 30_000,
    connectInterval: 2_000,
  };
  tryAddresses('b', addresses, context, (reason) => failed.push(reason));
  return { clock, failed, dialed: () => dialed };
}
const met = (peer: string | undefined): Observable<never> => throwError(() => new ConnectionFailed('connected already', peer, 'connected'));
const broken = throwError(() => new Error('broken'));

describe('an address whose other end is connected with us already', () => {
  it('gets another turn, and fails at last if that fails', () => {
    const { clock, failed, dialed } = trial(['memory://b'], met('b'), met('b'), broken);
    clock.runFor(100);
    expect([dialed(), failed]).toEqual([1, []]);
    clock.runFor(2_000);
    expect([dialed(), failed]).toEqual([2, []]);
    clock.runFor(2_000);
    expect([dialed(), failed, clock.pending]).toEqual([3, ['memory://b: broken'], 0]);
  });

  it('is another node’s: that is a failure', () => {
    expect(run(met('c'))).toEqual(['memory://b is c, not b']);
    expect(run(met(undefined))).toEqual(['memory://b is another node, not b']);
    function run(outcome: Observable<Link>): readonly string[] {
      const { clock, failed } = trial(['memory://b'], outcome);
      clock.run();
      return failed;
    }
  });

  it('has its turn after the others', () => {
    const { clock, failed, dialed } = trial(['memory://b', 'memory://c'], met('b'), broken, broken);
    clock.run();
    expect([dialed(), failed]).toEqual([3, ['memory://b: broken; memory://c: broken']]);
  });
});
