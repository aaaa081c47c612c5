import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../src/transport/pacer.js';
import { VirtualClock } from '../../../src/testing/index.js';

function build(gap = 5) {
  const clock = new VirtualClock();
  const pacer = createPacer(clock, gap);
  const ran: string[] = [];
  return { clock, ran, enter: (place: string, name = place) => pacer.enter(place, () => { ran.push(`${name} at ${clock.now()}`); }) };
}

describe('a pacer', () => {
  it('runs at once what comes alone, and what comes soon after it in its turn', () => {
    const { clock, ran, enter } = build();
    enter('a');
    expect(ran).toEqual(['a at 0']);
    clock.runFor(3);
    enter('b');
    enter('c');
    expect(ran).toHaveLength(1);
    clock.runFor(20);
    expect(ran).toEqual(['a at 0', 'b at 5', 'c at 10']);
    enter('d');
    expect(ran.at(-1)).toBe('d at 23');
    clock.runFor(20);
    expect(clock.pending).toBe(0);
  });

  it('addresses take turns: who comes often waits behind others', () => {
    const { clock, ran, enter } = build();
    for (let i = 0; i < 100; i++) enter('flood', `flood ${i}`);
    enter('other');
    enter('third');
    clock.runFor(20);
    expect(ran).toEqual(['flood 0 at 0', 'flood 1 at 5', 'other at 10', 'third at 15', 'flood 2 at 20']);
  });

  it('what is cancelled does not run, and leaves nothing', () => {
    const { clock, ran, enter } = build();
    enter('a');
    const cancels = ['a', 'a', 'b'].map((place, i) => enter(place, `${place} ${i}`));
    cancels[0]?.();
    cancels[2]?.();
    cancels[2]?.();
    clock.runFor(100);
    expect(ran).toEqual(['a at 0', 'a 1 at 5']);
    expect(clock.pending).toBe(0);
    enter('b');
    expect(ran.at(-1)).toBe('b at 100');
  });

  it('keeps the whole pause, and no more, whoever has given up meanwhile', () => {
    const { clock, ran, enter } = build();
    enter('a');
    clock.runFor(4);
    // a tick too early
    enter('b');
    expect(ran).toEqual(['a at 0']);
    clock.runFor(1);
    expect(ran).toEqual(['a at 0', 'b at 5']);
    const cancel = enter('c');
    clock.runFor(1);
    cancel();
    clock.runFor(4);
    // nobody waits, so nobody has to wait behind him
    enter('d');
    expect(ran.at(-1)).toBe('d at 10');
    const again = enter('e');
    again();
    enter('e', 'e again');
    again();
    clock.runFor(5);
    expect(ran.at(-1)).toBe('e again at 15');
    clock.runFor(5);
    enter('f');
    expect([ran.at(-1), clock.pending]).toEqual(['f at 20', 0]);
  });

  it('who cancels after his turn takes nobody else out', () => {
    const { clock, ran, enter } = build();
    enter('a');
    const cancel = enter('b');
    clock.runFor(5);
    enter('b', 'b again');
    cancel();
    clock.runFor(5);
    expect(ran).toEqual(['a at 0', 'b at 5', 'b again at 10']);
  });

  it('a task that throws stops nobody', () => {
    const clock = new VirtualClock();
    const pacer = createPacer(clock, 5);
    const ran: string[] = [];
    pacer.enter('a', () => undefined);
    pacer.enter('a', () => { throw new Error('on purpose'); });
    pacer.enter('a', () => { ran.push('after it'); });
    expect(() => { clock.runFor(5); }).toThrow('on purpose');
    clock.runFor(5);
    expect(ran).toEqual(['after it']);
  });
});
