import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cleartextProof, hmacProof, verifyProof } from '../../../src/wire/proof.js';

describe('proofs (wire.md 1.4)', () => {
  it('agrees with the HMAC of another implementation, UTF-8 included', () => {
    const other = createHmac('sha3-512', 'geheim€').update('ä\nb\nc\nd\n').digest('hex');
    expect(hmacProof('geheim€', ['ä', 'b'], ['c', 'd'])).toBe(other);
  });

  it('differs by direction', () => {
    expect(hmacProof('s', ['a', 'b'], ['c', 'd'])).not.toBe(hmacProof('s', ['c', 'd'], ['a', 'b']));
  });

  it('is lowercase hex in clear text', () => {
    expect(cleartextProof('Jö')).toBe('4ac3b6');
  });

  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ABC', false],
    ['abc', 'ab', false],
    ['abc', 'abcd', false],
    ['abc', '', false],
    ['', 'a', false],
    ['', '', true],
  ])('verifyProof(%j, %j) is %j', (expected, got, result) => {
    expect(verifyProof(expected, got)).toBe(result);
  });
});
