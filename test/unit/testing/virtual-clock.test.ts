import fc from 'fast-check';
import { debounceTime, delay, interval, map, of, take, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const trace = (): { seen: string[]; mark: (text: string) => () => void } => {
  const seen: string[] = [];
  return { seen, mark: (text) => () => void seen.push(text) };
};

describe('VirtualClock as a clock', () => {
  it('begins at its epoch and moves only when run', () => {
    const clock = new VirtualClock({ epoch: 1_000_000 });
    const { seen, mark } = trace();
    clock.after(5, mark('five'));
    expect([clock.now(), seen]).toEqual([1_000_000, []]);
    clock.run();
    expect([clock.now(), seen]).toEqual([1_000_005, ['five']]);
    expect(new VirtualClock().now()).toBe(0);
  });

  it('runs soon tasks, then turn tasks, then timers of one instant, each in order', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.after(0, mark('timer 1'));
    clock.after(0, mark('timer 2'));
    clock.turn(mark('turn 1'));
    clock.turn(() => {
      mark('turn 2')();
      clock.turn(mark('turn 3'));
      clock.soon(mark('soon of turn 2'));
    });
    clock.soon(mark('soon 1'));
    clock.soon(mark('soon 2'));
    clock.run();
    expect(seen).toEqual(['soon 1', 'soon 2', 'turn 1', 'turn 2', 'soon of turn 2', 'turn 3', 'timer 1', 'timer 2']);
  });

  it('finishes an instant before the next one', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.after(1, () => {
      clock.turn(mark('turn'));
      clock.soon(mark('soon'));
      clock.after(0, mark('timer of the same instant'));
    });
    clock.after(2, mark('later'));
    clock.run();
    expect(seen).toEqual(['soon', 'turn', 'timer of the same instant', 'later']);
  });

  it('runs timers as a sorted list of them would, cancelled ones left out', () => {
    const step = fc.record({ ms: fc.nat(50), cancels: fc.option(fc.nat(200)), again: fc.option(fc.nat(50)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const clock = new VirtualClock();
        const seen: string[] = [];
        const cancels: (() => void)[] = [];
        let oracle: { time: number; order: number; name: string }[] = [];
        let order = 0;
        const set = (name: string, ms: number, task: () => void): void => {
          oracle.push({ time: clock.now() + ms, order: order++, name });
          cancels.push(() => (oracle = oracle.filter((entry) => entry.name !== name)), clock.after(ms, task));
        };
        const expected: string[] = [];
        const due = (name: string): void => {
          oracle.sort((a, b) => a.time - b.time || a.order - b.order);
          const first = oracle.shift();
          expected.push(`${first?.name} ${first?.time}`);
          seen.push(`${name} ${clock.now()}`);
        };
        steps.forEach(({ ms, cancels: victim, again }, i) => {
          set(`${i}`, ms, () => {
            due(`${i}`);
            if (again !== null) set(`${i} again`, again, () => due(`${i} again`));
          });
          if (victim !== null) cancels.slice(2 * victim, 2 * victim + 2).forEach((cancel) => cancel());
          expect(clock.pending).toBe(oracle.length);
        });
        clock.run();
        expect(seen).toEqual(expected);
        expect([oracle.length, clock.pending]).toEqual([0, 0]);
      }),
    );
  });

  it('step runs one task', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.after(1, mark('a'));
    clock.after(1, mark('b'));
    expect([clock.step(), clock.now(), [...seen]]).toEqual([true, 1, ['a']]);
    expect([clock.step(), clock.step(), seen]).toEqual([true, false, ['a', 'b']]);
  });

  it('runFor and runUntil end exactly there, with what is due there', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.after(10, mark('10'));
    clock.after(11, mark('11'));
    clock.runFor(10);
    expect([clock.now(), seen, clock.pending]).toEqual([10, ['10'], 1]);
    clock.runUntil(100);
    expect([clock.now(), seen, clock.pending]).toEqual([100, ['10', '11'], 0]);
    expect(() => clock.runUntil(99)).toThrow('The clock is at 100 ms and cannot run to 99 ms');
    expect(() => clock.runFor(NaN)).toThrow(RangeError);
  });

  it('a cancelled timer is not pending, cancelling twice or afterwards does nothing', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    const cancel = clock.after(1, mark('no'));
    const ran = clock.after(2, mark('yes'));
    cancel();
    cancel();
    expect(clock.pending).toBe(1);
    clock.run();
    ran();
    expect([seen, clock.pending]).toEqual([['yes'], 0]);
  });

  it('a timer in the past is due now, one at Infinity never, and one at no time is refused', () => {
    const clock = new VirtualClock({ epoch: 50 });
    const { seen, mark } = trace();
    clock.after(-10, mark('late'));
    clock.run();
    expect([clock.now(), seen]).toEqual([50, ['late']]);
    clock.after(Infinity, mark('never'))();
    clock.after(Infinity, mark('never'));
    expect([clock.pending, seen]).toEqual([0, ['late']]);
    expect(() => clock.after(NaN, mark('never'))).toThrow(RangeError);
  });

  it('run says so when something sets itself again for ever', () => {
    const clock = new VirtualClock({ maxEvents: 100 });
    interval(10, clock).subscribe();
    expect(() => clock.run()).toThrow(/run\(\) ran 100 tasks up to \d+ ms and 1 timers still wait/);
    const spin = (): void => clock.soon(spin);
    spin();
    expect(() => clock.runFor(1)).toThrow('Does something set itself again for ever?');
  });

  it('goes on after a task that throws', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.after(1, () => {
      throw new Error('oops');
    });
    clock.after(2, mark('next'));
    expect(() => clock.run()).toThrow('oops');
    clock.run();
    expect(seen).toEqual(['next']);
  });

  it('runs 200,000 events in under 2 s while 100,000 others wait', () => {
    const clock = new VirtualClock();
    let ran = 0;
    for (let i = 0; i < 100_000; i++) clock.after(1e9 + ((i * 7919) % 100_003), () => undefined);
    const began = performance.now();
    for (let i = 0; i < 1_000; i++) interval(1 + (i % 7), clock).pipe(take(200)).subscribe(() => ran++);
    clock.runUntil(1e8);
    expect([ran, clock.pending]).toEqual([200_000, 100_000]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('cancelling many timers neither leaks nor slows down', () => {
    const clock = new VirtualClock();
    const began = performance.now();
    // the pattern of a time-out that is set anew with every message
    for (let i = 0; i < 300_000; i++) clock.after(30_000, () => undefined)();
    expect(clock.pending).toBe(0);
    expect(clock.step()).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('VirtualClock as a scheduler of RxJS', () => {
  const record = (clock: VirtualClock, seen: [number, unknown][]) => (value: unknown) =>
    void seen.push([clock.now(), value]);

  it('drives interval, timer, delay and debounceTime', () => {
    const clock = new VirtualClock();
    const seen: [number, unknown][] = [];
    interval(10, clock).pipe(take(2), map((n) => `i${n}`)).subscribe(record(clock, seen));
    of('d').pipe(delay(15, clock)).subscribe(record(clock, seen));
    timer(3, 1, clock).pipe(take(3), debounceTime(5, clock)).subscribe(record(clock, seen));
    clock.run();
    // the timer completes with its third value at 5 ms, which lets the debounced one out
    expect(seen).toEqual([
      [5, 2],
      [10, 'i0'],
      [15, 'd'],
      [20, 'i1'],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('an action may be scheduled again from inside its work, with new state', () => {
    const clock = new VirtualClock();
    const seen: [number, unknown][] = [];
    clock.schedule<number>(
      function (state) {
        record(clock, seen)(state);
        if (state < 3) this.schedule(state + 1, state * 10);
      },
      5,
      1,
    );
    clock.run();
    expect(seen).toEqual([
      [5, 1],
      [15, 2],
      [35, 3],
    ]);
  });

  it('an unsubscribed action does not run, also when that happens inside its work', () => {
    const clock = new VirtualClock();
    const { seen, mark } = trace();
    clock.schedule(mark('never'), 5).unsubscribe();
    clock.schedule(function () {
      mark('once')();
      this.schedule(undefined, 5);
      this.unsubscribe();
    }, 1);
    expect(clock.pending).toBe(1);
    clock.run();
    expect([seen, clock.pending, clock.now()]).toEqual([['once'], 0, 1]);
  });

  it('unsubscribing an interval leaves no timer', () => {
    const clock = new VirtualClock();
    const subscription = interval(10, clock).subscribe();
    clock.runFor(35);
    expect(clock.pending).toBe(1);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
  });

  it('is a Clock already', () => {
    const clock = new VirtualClock();
    expect(clockOf(clock)).toBe(clock);
  });
});
