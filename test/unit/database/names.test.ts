import { describe, expect, it } from 'vitest';
import { checkFamily, checkKey, checkReadable } from '../../../src/database/core/names.js';
import { BadFamily, BadKey } from '../../../src/wire/errors.js';

const limits = { familySize: 5, keySize: 5 };

describe('names of families (S29)', () => {
  it.each(['a', 'A', 'a1', 'a_:', 'abcde'])('%s is one', (family) => {
    expect([checkFamily(family, limits), checkReadable(family, limits)]).toEqual([family, family]);
  });

  it.each<[unknown, string]>([
    ['', '"" is no family: expected [A-Za-z][A-Za-z0-9_:]*, at most 5 characters'],
    ['abcdef', '"abcdef" is no family'], ['1a', '"1a" is no family'], ['a-b', '"a-b" is no family'], [' a', '" a" is no family'], ['a\n', String.raw`"a\n" is no family`],
    [5, 'is no family'], [undefined, 'is no family'],
    ['x'.repeat(80), `"${'x'.repeat(80)}" is no family`], ['x'.repeat(81), `"${'x'.repeat(80)}…" is no family`],
  ])('%j is none', (family, text) => {
    for (const check of [checkFamily, checkReadable]) {
      expect(() => check(family, limits)).toThrow(BadFamily);
      expect(() => check(family, limits)).toThrow(text);
    }
  });

  it.each(["'g", "'l", "'w", "'h"])('%s is of the network itself, and can only be read', (family) => {
    expect(() => checkFamily(family, limits)).toThrow(BadFamily);
    expect(() => checkFamily(family, limits)).toThrow(`"${family}" is a family of the network itself: it can only be read`);
    expect(checkReadable(family, limits)).toBe(family);
  });

  it.each(["'", "'a-b", "'abcdef"])('%s is none, not even to read', (family) => {
    expect(() => checkFamily(family, limits)).toThrow('is no family');
    expect(() => checkReadable(family, limits)).toThrow('is no family');
  });
});

describe('keys (S29)', () => {
  it.each(['a', ' ', "'g", '😀', 'abcde'])('%j is one', (key) => {
    expect(checkKey(key, limits)).toBe(key);
  });

  it.each<[unknown, string]>([
    ['', '"" is no key: expected a text that is not empty'], [5, 'is no key: expected a text that is not empty'], [null, 'null is no key'],
    ['abcdef', 'a key of 6 characters is too long: limits.keySize is 5'], ['a\ud800', 'is no key: it has half of a surrogate pair'],
  ])('%j is none', (key, text) => {
    expect(() => checkKey(key, limits)).toThrow(BadKey);
    expect(() => checkKey(key, limits)).toThrow(text);
  });
});
