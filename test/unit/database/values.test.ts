import { describe, expect, it } from 'vitest';
import { equal, sizeOf } from '../../../src/database/core/values.js';
import { createWatches } from '../../../src/database/core/watches.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { isSendable, valueDepth } from '../../../src/wire/database-values.js';
import { checkSize, countOctets } from '../../../src/wire/size.js';

const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('values of the database (S30)', () => {
  class Point {
    readonly x = 1;
  }
  const point = new Point();

  it.each<[unknown, unknown, boolean]>([
    [1, 1, true], [1, 2, false], [Number.NaN, Number.NaN, true], [0, -0, true], ['1', 1, false], [null, null, true], [null, {}, false], [{}, null, false], [1n, 1n, true],
    [octets(1, 2), octets(1, 2), true], [octets(1, 2), octets(1, 3), false], [octets(1, 2), octets(1), false], [octets(1), octets(1, 2), false], [octets(), octets(), true],
    [octets(1), [1], false], [[1], octets(1), false],
    [[1, [2]], [1, [2]], true], [[1], [1, 2], false], [[1, 2], [1], false], [[1], [2], false], [[], {}, false], [{}, [], false],
    [[1], { 0: 1, length: 1 }, false], [{ 0: 1, length: 1 }, [1], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true], [{ a: 1 }, { a: 2 }, false], [{ a: 1 }, { b: 1 }, false], [{ a: 1 }, { a: 1, b: 2 }, false], [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: { b: [1] } }, { a: { b: [1] } }, true], [{ a: undefined }, { b: undefined }, false],
    [new Date(5), new Date(5), true], [new Date(5), new Date(6), false], [new Date(5), {}, false], [{}, new Date(5), false],
    [point, point, true], [point, new Point(), false], [point, { x: 1 }, false], [{ x: 1 }, point, false],
    [Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }, true],
  ])('are equal, or not: case %#', (a, b, isEqual) => {
    expect(equal(a, b)).toBe(isEqual);
  });

  it.each<[unknown, number]>([
    ['', 0], ['abc', 3], [5, 8], [null, 8], [true, 8], [octets(1, 2, 3), 3], [[], 8], [['abc', 5], 8 + 4 + 9], [{}, 8], [{ ab: 'abc' }, 8 + 2 + 3 + 1], [{ a: [1] }, 8 + 1 + 17 + 1],
  ])('%j takes about %i octets', (value, size) => {
    expect(sizeOf(value)).toBe(size);
  });

  it('may nest as deep as a message with them may, less what is around them', () => {
    expect(valueDepth({ ...defaultLimits, messageDepth: 10 })).toBe(6);
  });

  it.each([
    ['x', 1_000, 1_000, true],
    ['x'.repeat(923), 1_000, 1_000, true],
    ['x'.repeat(924), 1_000, 1_000, false],
    ['x'.repeat(1_000), 1_000, 1_000, false],
    // measured: six times as long at most
    ['x'.repeat(800), 1_000, 1_000, true],
    ['\u0001'.repeat(160), 1_000, 1_000, false],
    ['\u0001'.repeat(140), 1_000, 1_000, true],
    [Array.from({ length: 90 }, () => 1), 1_000, 100, false],
    [Array.from({ length: 30 }, () => 1), 1_000, 100, true],
    [{ a: ['x'.repeat(700)] }, 1_000, 1_000, true],
    [{ ['x'.repeat(1_000)]: 1 }, 1_000, 1_000, false],
  ])('are sendable, or not: case %#', (value, messageSize, messageItems, expected) => {
    expect(isSendable('fam', 'key', value, { ...defaultLimits, messageSize, messageItems })).toBe(expected);
  });
});

describe('the size of a message', () => {
  it.each(['', 'a', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\u{10000}', '\u{10ffff}', '\ue000', '\udfff\ud800', 'ä€😀x'])('is that of its UTF-8: %j', (text) => {
    // halves of pairs, which become U+FFFD of 3 octets, are never sent
    if (text.isWellFormed()) expect(countOctets(text)).toBe(new TextEncoder().encode(text).length);
    else expect(countOctets(text)).toBe(4);
  });

  it('is bounded to the octet, whatever the characters', () => {
    const check = (encoded: string | Uint8Array, messageSize: number) => () => { checkSize(encoded, 'p', ['x'], { ...defaultLimits, messageSize }); };
    for (const text of ['x'.repeat(30), 'ä'.repeat(15), '€'.repeat(10)]) {
      expect(check(text, 30)).not.toThrow();
      expect(check(text, 29)).toThrow('a message of 30 octets to port "p" is too large: limits.messageSize is 29');
    }
    expect(check(new Uint8Array(30), 30)).not.toThrow();
    expect(check(new Uint8Array(30), 29)).toThrow('a message of 30 octets');
  });
});

describe('while nodes regroup around another master (S28)', () => {
  const make = () => {
    const tasks: (() => void)[] = [];
    let stopped = 0;
    const watches = createWatches({
      ask: () => undefined,
      admit: (_, entries) => entries,
      changed: () => undefined,
      regrouped: (task) => {
        tasks.push(task);
        return () => { stopped++; };
      },
    });
    return { watches, tasks, stopped: () => stopped };
  };

  it('it is known, from the second master on, until they have had time', () => {
    const { watches, tasks, stopped } = make();
    expect(watches.isRegrouping).toBe(false);
    watches.join();
    expect([watches.isRegrouping, tasks.length]).toEqual([false, 0]);
    watches.leave();
    watches.join();
    expect([watches.isRegrouping, tasks.length, stopped()]).toEqual([true, 1, 0]);
    watches.leave();
    expect([watches.isRegrouping, tasks.length, stopped()]).toEqual([false, 1, 1]);
    watches.join();
    expect([watches.isRegrouping, tasks.length, stopped()]).toEqual([true, 2, 1]);
    tasks[1]?.();
    expect(watches.isRegrouping).toBe(false);
    watches.end();
    expect(stopped()).toBe(1);
  });

  it('it ends with the node', () => {
    const { watches, stopped } = make();
    watches.join();
    watches.join();
    watches.end();
    expect(stopped()).toBe(1);
  });
});
