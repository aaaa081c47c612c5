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
    // one character says nothing, whatever its kind; two that are far from each other are two
    ['7', 1],
    ['é', 1],
    ['x9', 4],
    ['ac', 4],
    ['ab', 2],
    ['ba', 2],
    // characters of two units too
    ['🔑🗝', 4],
    ['🔑🔒', 2],
    // a pair that stood there before is no choice, a character is
    ['aqaqaq', 6],
    ['xmqxmq', 8],
    ['aqbaq', 6],
    ['aqxqa', 10],
    ['7Kf7Kf7Kf7Kf', 10],
    // common words, however many and whatever is around them
    ['Password7Kf', 17],
    ['passwordpassword7Kf!pQ', 41],
    // words with one space or hyphen between them
    ['Correct_horse', 20],
    ['correct  horse', 20],
    ['HORSE', 13],
    ['Horse Tiger zebra', 32],
    ['horse9', 17],
  ])('%j: %i', (secret, bits) => {
    expect(secretBits(secret)).toBe(bits);
  });
});

describe('what a secret of chance looks worth', () => {
  const range = (from: number, count: number, step = 1): string[] => Array.from({ length: count }, (_, i) => String.fromCodePoint(from + i * step));
  const [lower, upper, digits] = [range(97, 26), range(65, 26), range(48, 10)];
  const signs = range(32, 95).filter((sign) => !/[A-Za-z0-9]/.test(sign));
  const others = range(0x410, 64);
  /** Each once, no two neighbours side by side. */
  const mixed = (all: readonly string[]): string => all.map((_, i) => all[(i * 17) % all.length]).join('');

  it.each<[string, readonly string[], number]>([
    ['small letters and digits', [...lower, ...digits], 26 + 10],
    ['capital letters and digits', [...upper, ...digits], 26 + 10],
    ['letters', [...upper, ...lower], 26 + 26],
    ['signs', signs, 33],
    ['others', others, 100],
    ['others and digits', [...others, ...digits], 100 + 10],
    ['letters, digits and signs', [...lower, ...signs, ...digits, ...upper], 26 + 26 + 10 + 33],
  ])('%s: as many bits for each character as say which of its kinds it is', (_kinds, characters, size) => {
    const most = Math.min(Math.log2(size), 1 + Math.log2(characters.length));
    expect(secretBits(mixed(characters))).toBe(Math.floor(characters.length * most));
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
