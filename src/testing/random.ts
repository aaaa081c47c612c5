import type { Random } from '../env/random.js';

/**
 * A {@link Random} that gives the same octets for the same seed, on every platform: xoshiro128** of Blackman and Vigna,
 * its state filled by splitmix32. For tests; it is predictable, so never for proofs or ids of a real network.
 *
 * @example
 * const random = seededRandom(42);
 * word(random, 8); // always the same word
 */
export function seededRandom(seed: number): Random {
  const next = xoshiro128(seed);
  return {
    octets(count) {
      const octets = new Uint8Array(count);
      for (let i = 0, bits = 0; i < count; i++) {
        bits = i % 4 === 0 ? next() : bits >>> 8;
        octets[i] = bits;
      }
      return octets;
    },
  };
}

/** 32 random bits per call. */
function xoshiro128(seed: number): () => number {
  const fill = splitmix32(seed);
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

/** Spreads one number over a whole state: neighbouring seeds give unlike sequences, and none gives the all-zero state. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  };
}

const rotate = (bits: number, count: number): number => (bits << count) | (bits >>> (32 - count));
