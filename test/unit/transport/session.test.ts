import { describe, expect, it } from 'vitest';
import { createKept } from '../../../src/transport/kept.js';
import { createSession } from '../../../src/transport/session.js';

const piece = (through: number, data = 'x') => ({ data, through });

describe('copies of what was written (V11)', () => {
  it('are kept until the other end has all of them', () => {
    const kept = createKept(1_000);
    for (const through of [3, 5, 9]) kept.add(piece(through));
    expect([kept.octets, kept.from]).toEqual([3, 0]);
    kept.taken(4);
    expect([kept.octets, kept.from]).toEqual([2, 3]);
    kept.taken(5);
    expect([kept.octets, kept.from]).toEqual([1, 5]);
    // told before the last connection broke, and late
    kept.taken(3);
    expect([kept.octets, kept.from]).toEqual([1, 5]);
    expect(kept.after(7)).toEqual([piece(9)]);
    expect([kept.octets, kept.from]).toEqual([0, 5]);
  });

  it('are full with so many octets, and 64 for each', () => {
    const kept = createKept(200);
    kept.add(piece(1, 'x'.repeat(71)));
    kept.add(piece(2, ''));
    expect(kept.isFull).toBe(false);
    kept.add(piece(3, ''));
    expect(kept.isFull).toBe(true);
    kept.taken(1);
    expect(kept.isFull).toBe(false);
  });

  it('are not given for what can not be', () => {
    const kept = createKept(1_000);
    kept.add(piece(2));
    for (const count of [3, -1, 1.5, NaN, Infinity]) expect(() => { kept.taken(count); }).toThrow(`the other end says that it has taken ${count} messages: 2 were sent`);
    kept.taken(2);
    expect(() => kept.after(1)).toThrow('the other end says that it has taken 1 messages: it had taken 2');
  });

  it('that were given back may be taken again before they are written again', () => {
    const kept = createKept(1_000);
    for (const through of [1, 2, 3]) kept.add(piece(through));
    const again = kept.after(1);
    expect(again).toEqual([piece(2), piece(3)]);
    kept.add(again[0]!);
    expect(kept.after(2)).toEqual([]);
  });

  it('of many pieces cost no more than of few', () => {
    const kept = createKept(1e9);
    for (let i = 1; i <= 10_000; i++) kept.add(piece(i));
    for (let i = 1; i <= 10_000; i++) kept.taken(i);
    expect([kept.octets, kept.from, kept.after(10_000)]).toEqual([0, 10_000, []]);
  });
});

function session(window = 1_000) {
  const acknowledged: number[] = [];
  return { acknowledged, ...{ it: createSession(window, { acknowledged: (count) => acknowledged.push(count) }) } };
}

describe('the receiving half of a link (V10)', () => {
  it('takes each message once', () => {
    const { it: one } = session();
    expect([1, 2, 3].map(() => one.takes('p', ['x']))).toEqual([true, true, true]);
    one.again();
    expect(one.takes('', ['rxmp_from', 1])).toBe(false);
    expect([2, 3, 4].map(() => one.takes('p', ['x']))).toEqual([false, false, true]);
    expect(one.taken).toBe(4);
  });

  it.each([
    ['rxmp_from', 4, 'the other end goes on after message 4, but only 3 have arrived'],
    ['rxmp_from', -1, 'a link goes on from a number, got -1'],
    ['rxmp_from', '1', 'a link goes on from a number, got "1"'],
    ['hello', 1, 'a link that goes on says from where first, got "hello"'],
  ])('goes on with nothing else: %s %s', (tag, from, error) => {
    const { it: one } = session();
    for (let i = 0; i < 3; i++) one.takes('p', ['x']);
    one.again();
    expect(() => one.takes('', [tag, from])).toThrow(error);
  });

  it('keeps to itself what is about the session, and counts it', () => {
    const { it: one, acknowledged } = session();
    expect(one.takes('', ['rxmp_taken', 7])).toBe(false);
    expect(one.takes('', ['rxmp_taken', 'x'])).toBe(false);
    expect([acknowledged, one.isOver]).toEqual([[7, NaN], false]);
    expect(one.takes('', ['rxmp_goodbye'])).toBe(false);
    expect(one.takes('', ['mon1', 'p'])).toBe(true);
    expect(one.takes('p', ['rxmp_goodbye'])).toBe(true);
    expect(one.takes(null, [])).toBe(true);
    expect([one.isOver, one.taken]).toEqual([true, 6]);
  });

  it('acknowledges after a window of octets, 64 more for each message, and when it is asked to', () => {
    const { it: one } = session(1_000);
    one.takes('p', ['x']);
    expect(one.read(900)).toBeUndefined();
    expect(one.read(36)).toBe(1);
    expect(one.read(2_000)).toBeUndefined();
    for (let i = 0; i < 5; i++) one.takes('p', ['x']);
    expect(one.read(0)).toBe(6);
    expect(one.acknowledge()).toBeUndefined();
    one.takes('p', ['x']);
    expect(one.acknowledge()).toBe(7);
  });
});
