import { VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { atTimeOfDay, timeOfDay } from '../../../src/env/time-of-day.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('G7: a time of day', () => {
  it.each([
    ['comes', 0, HOUR],
    ['comes sooner, where the clock is set forwards', 600_000, HOUR - 600_000],
    ['comes soon, where it is over by then', 2 * HOUR, MINUTE],
    ['comes later, where the clock is set back', -600_000, HOUR + 600_000],
  ])('%s', (_, set, expected) => {
    const clock = new VirtualClock({ epoch: 1_000 });
    let at: number | undefined;
    atTimeOfDay(clock, timeOfDay(clock) + HOUR, () => { at = clock.monotonic() - 1_000; });
    clock.setWall(set);
    clock.runFor(10 * HOUR);
    expect(at).toBe(expected);
    expect(clock.pending).toBe(0);
  });

  it('that is over is soon, and never in the middle of the call', () => {
    const clock = new VirtualClock({ epoch: 1_000 });
    let isThere = false;
    atTimeOfDay(clock, 500, () => { isThere = true; });
    expect(isThere).toBe(false);
    clock.runFor(0);
    expect(isThere).toBe(true);
  });

  it('is not waited for any more when it is taken back', () => {
    const clock = new VirtualClock();
    const cancel = atTimeOfDay(clock, HOUR, () => { throw new Error('it was taken back'); });
    clock.runFor(5 * MINUTE);
    cancel();
    expect(clock.pending).toBe(0);
  });
});
