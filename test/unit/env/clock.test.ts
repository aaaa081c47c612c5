import { asapScheduler, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClockAction, clockOf, realClock } from '../../../src/env/clock.js';
import { checkTime, deadline } from '../../../src/env/time.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

describe('real time', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => { vi.useRealTimers(); });
  const LONGEST = 2 ** 31 - 1;

  it('runs a task once, when its time has come, unless it is taken back', () => {
    const ran: string[] = [];
    realClock.after(10, () => ran.push('kept'));
    const cancel = realClock.after(10, () => ran.push('taken back'));
    cancel();
    cancel();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(9);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(ran).toEqual(['kept']);
  });

  it.each([LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + 1_000])('waits %i ms, though a platform’s timer can’t', (ms) => {
    let ran = 0;
    realClock.after(ms, () => ran++);
    vi.advanceTimersByTime(ms - 1);
    expect(ran).toBe(0);
    vi.advanceTimersByTime(1);
    expect([ran, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it.each([0, LONGEST + 1])('a wait of many days is taken back, after %i ms too', (passed) => {
    let ran = 0;
    const cancel = realClock.after(3 * LONGEST, () => ran++);
    vi.advanceTimersByTime(passed);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(3 * LONGEST);
    expect(ran).toBe(0);
  });

  it('never comes to Infinity', () => {
    let ran = 0;
    const cancel = realClock.after(Infinity, () => ran++);
    vi.advanceTimersByTime(3 * LONGEST);
    expect([ran, vi.getTimerCount()]).toEqual([0, 1]);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is a scheduler of RxJS, whose actions repeat and are taken back', () => {
    const ran: number[] = [];
    const ticking = timer(5, 10, realClock).subscribe((tick) => ran.push(tick));
    timer(1, realClock).subscribe(() => ran.push(-1));
    const once = realClock.schedule((state) => ran.push(state as number), undefined, 7);
    vi.advanceTimersByTime(0);
    expect(once.closed).toBe(true);
    vi.advanceTimersByTime(26);
    ticking.unsubscribe();
    expect([ran, vi.getTimerCount()]).toEqual([[7, -1, 0, 1, 2], 0]);
  });
});

describe('an action of a clock', () => {
  const make = () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const action = new ClockAction<string>((ms, task) => clock.after(ms, task), (state) => ran.push(`${state} at ${clock.now()}`));
    return { clock, ran, action };
  };

  it('runs once with its state, at once by default, and is over then', () => {
    const { clock, ran, action } = make();
    action.schedule('a');
    expect([ran, action.closed]).toEqual([[], false]);
    clock.runFor(0);
    expect([ran, action.closed]).toEqual([['a at 0'], true]);
    action.schedule('b');
    clock.run();
    expect(ran).toEqual(['a at 0']);
  });

  it('that is scheduled anew runs then only', () => {
    const { clock, ran, action } = make();
    action.schedule('a', 5);
    action.schedule('b', 10);
    expect(clock.pending).toBe(1);
    clock.run();
    expect(ran).toEqual(['b at 10']);
  });

  it('that schedules itself goes on until it is taken back', () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const action = new ClockAction<number>((ms, task) => clock.after(ms, task), function (state) {
      ran.push(state);
      this.schedule(state + 1, 10);
    });
    action.schedule(0);
    clock.runFor(25);
    expect([ran, action.closed]).toEqual([[0, 1, 2], false]);
    action.unsubscribe();
    expect(clock.pending).toBe(0);
    clock.run();
    expect(ran).toEqual([0, 1, 2]);
  });
});

describe('the order of tasks in real time', () => {
  it('is soon, then turn, each in its order; and monotonic time goes on', async () => {
    const order: string[] = [];
    const before = realClock.monotonic();
    realClock.turn(() => order.push('turn 1'));
    realClock.soon(() => order.push('soon 1'));
    realClock.turn(() => order.push('turn 2'));
    realClock.soon(() => order.push('soon 2'));
    order.push('now');
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(order).toEqual(['now', 'soon 1', 'soon 2', 'turn 1', 'turn 2']);
    expect(realClock.monotonic() - before).toBeGreaterThan(5);
    expect(Math.abs(realClock.now() - Date.now())).toBeLessThan(1_000);
    // the other one is no time of day
    expect(before).toBeLessThan(realClock.now() / 2);
  });
});

describe('a clock of another scheduler', () => {
  it('is a clock already, or becomes one', () => {
    const clock = new VirtualClock();
    expect(clockOf(clock)).toBe(clock);
    expect(clockOf(asapScheduler)).not.toBe(asapScheduler);
  });

  it.each(['turn', 'soon', 'after', 'monotonic'] as const)('becomes one also when only %s is missing', (missing) => {
    const { now, schedule, ...rest } = realClock;
    const almost = { now, schedule, ...Object.fromEntries(Object.entries(rest).filter(([name]) => name !== missing)) };
    const clock = clockOf(almost);
    expect(clock).not.toBe(almost);
    expect(typeof clock[missing]).toBe('function');
  });

  it('has its time and its order', () => {
    const scheduler = new TestScheduler(() => undefined);
    const clock = clockOf(scheduler);
    const ran: string[] = [];
    clock.after(5, () => ran.push(`after ${clock.now()}`));
    const cancel = clock.after(3, () => ran.push('taken back'));
    clock.turn(() => ran.push(`turn ${clock.now()}`));
    clock.soon(() => ran.push(`soon ${clock.now()}`));
    clock.schedule((state) => ran.push(`scheduled ${state} ${clock.now()}`), 2, 'x');
    clock.schedule(() => ran.push(`at once ${clock.now()}`));
    cancel();
    scheduler.flush();
    expect(ran).toEqual(['turn 0', 'soon 0', 'at once 0', 'scheduled x 2', 'after 5']);
    expect(scheduler.actions).toEqual([]);
  });

  it('has a monotonic time that stands still while the other is set back', () => {
    let now = 100;
    const { monotonic } = clockOf({ now: () => now, schedule: asapScheduler.schedule.bind(asapScheduler) });
    const times = [100, 50, 101, 100, 200].map((time) => {
      now = time;
      return monotonic();
    });
    expect(times).toEqual([100, 100, 101, 101, 200]);
  });
});

describe('a deadline', () => {
  it('comes a turn after its time, and can be taken back in between', () => {
    const ran: string[] = [];
    const turns: (() => void)[] = [];
    const timers: (() => void)[] = [];
    const stepwise = {
      after: (_: number, task: () => void) => {
        timers.push(task);
        return () => undefined;
      },
      turn: (task: () => void) => { turns.push(task); },
    };
    deadline(stepwise, 10, () => ran.push('kept'));
    const cancel = deadline(stepwise, 10, () => ran.push('taken back'));
    for (const task of timers) task();
    cancel();
    expect(ran).toEqual([]);
    for (const task of turns) task();
    expect(ran).toEqual(['kept']);
    const clock = new VirtualClock();
    const early = deadline(clock, 10, () => ran.push('early'));
    early();
    expect(clock.pending).toBe(0);
  });

  it.each([[0], [Infinity], [undefined]])('of %s is a time', (ms) => {
    expect(() => { checkTime('x', ms); }).not.toThrow();
  });

  it.each([[-1, '-1'], [Number.NaN, 'NaN'], ['5', '"5"'], [null, 'null'], [() => 5, 'function']])('of %s is none', (ms, shown) => {
    expect(() => { checkTime('x', ms); }).toThrow(`x is ${shown}: expected milliseconds, 0 or more; Infinity is never`);
  });
});
