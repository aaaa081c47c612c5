import { describe, expect, it } from 'vitest';
import { createBounded } from '../../../src/env/bounded.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { cryptoRandom, fraction, word, type Random } from '../../../src/env/random.js';
import { secretBits } from '../../../src/env/secret-strength.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** Gives these octets, and notes how many were asked for. */
function scripted(...octets: readonly number[]) {
  const asked: number[] = [];
  let at = 0;
  const random: Random = {
    octets(count) {
      asked.push(count);
      return Uint8Array.from({ length: count }, () => octets[at++] ?? 0);
    },
  };
  return { random, asked };
}

describe('chance', () => {
  it('is octets', () => {
    expect(cryptoRandom.octets(5)).toHaveLength(5);
    expect(cryptoRandom.octets(32)).not.toEqual(cryptoRandom.octets(32));
  });

  it('as a fraction is from 0 up to 1', () => {
    expect(fraction(scripted(0, 0, 0, 0).random)).toBe(0);
    expect(fraction(scripted(128, 0, 0, 0).random)).toBe(0.5);
    expect(fraction(scripted(255, 255, 255, 255).random)).toBe(1 - 2 ** -32);
  });

  it('as a word has each letter equally often: octets that would favour some are dropped', () => {
    const { random, asked } = scripted(0, 61, 62, 247, 248, 255, 10, 36);
    expect(word(random, 6)).toBe('0z0zAa');
    expect(asked).toEqual([6, 2]);
    expect(word(scripted().random, 0)).toBe('');
  });
});

describe('what a secret looks worth, in bits', () => {
  it.each([
    ['', 0],
    ['password', 10],
    ['passwordPASSWORD', 20],
    ['change me', 10],
    ['12345', 10],
    // letters that can be remembered, 2 each
    ['zebra', 10],
    ['Zebra tiger', 22],
    // the same, one up and one down are no choice
    ['aaaaaaaa', 1],
    ['acegacegaceg', 10],
    ['abcdefgh', 2],
    ['hgfedcba', 2],
    // more kinds of characters
    ['k3', 4],
    ['X9#q', 12],
    ['7Kf!pQz2', 32],
  ])('%j: %i', (secret, bits) => {
    expect(secretBits(secret)).toBe(bits);
  });
});

describe('what is told at most once in a while', () => {
  it('tells how many were passed over', () => {
    const clock = new VirtualClock();
    const bounded = createBounded({ clock, limits: { ...defaultLimits, refusalLog: 100 } });
    const told: string[] = [];
    const say = (): void => { bounded((untold, others) => told.push(`${clock.now()}: ${untold}${others}`)); };
    say();
    say();
    clock.runFor(99);
    say();
    clock.runFor(1);
    say();
    clock.runFor(100);
    say();
    expect(told).toEqual(['0: 0', '100: 2; 2 more since the last such line', '200: 0']);
  });
});
