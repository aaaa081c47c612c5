import { describe, expect, it } from 'vitest';
import { createShifts } from '../../../src/access/gate/shifts.js';

/** Turns of the event loop that are made by hand, in which time passes only where somebody says so. */
function turns() {
  let now = 0;
  let tasks: (() => void)[] = [];
  return {
    clock: { monotonic: () => now, turn: (task: () => void) => void tasks.push(task) },
    takes(ms: number): void { now += ms; },
    turn(): void {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
    },
    get waiting() { return tasks.length; },
  };
}

describe('G12: what is done for guests in later turns', () => {
  it('is done in one turn while that is short, and else in the next ones, in order', () => {
    const loop = turns();
    const shifts = createShifts(loop.clock);
    const done: string[] = [];
    const task = (name: string, ms: number) => () => {
      loop.takes(ms);
      done.push(name);
    };
    for (const [name, ms] of [['a', 0.1], ['b', 0.1], ['c', 5], ['d', 5], ['e', 0.1]] as const) shifts.next(task(name, ms));
    expect([done.join(''), loop.waiting]).toEqual(['', 1]);
    loop.turn();
    expect([done.join(''), loop.waiting]).toEqual(['abc', 1]);
    loop.turn();
    expect([done.join(''), loop.waiting]).toEqual(['abcd', 1]);
    loop.turn();
    expect([done.join(''), loop.waiting]).toEqual(['abcde', 0]);
  });

  it('takes turns: who asks again waits behind all others', () => {
    const loop = turns();
    const shifts = createShifts(loop.clock);
    const done: string[] = [];
    const again = (name: string) => (): void => {
      loop.takes(1);
      done.push(name);
      if (done.length < 7) shifts.next(again(name));
    };
    for (const name of ['a', 'b', 'c']) shifts.next(again(name));
    while (loop.waiting > 0) loop.turn();
    expect(done.join('')).toMatch(/^abcabcabc/);
  });

  it('goes on after a task that throws', () => {
    const loop = turns();
    const shifts = createShifts(loop.clock);
    const done: string[] = [];
    shifts.next(() => { throw new Error('a mistake'); });
    shifts.next(() => void done.push('b'));
    expect(() => { loop.turn(); }).toThrow('a mistake');
    expect(loop.waiting).toBe(1);
    loop.turn();
    expect(done).toEqual(['b']);
  });
});
