import { describe, expect, it } from 'vitest';
import { createRecent } from '../../../src/kernel/core/recent.js';

describe('recent texts', () => {
  it('knows the last ones only', () => {
    const recent = createRecent(2);
    for (const text of ['a', 'b', 'b', 'c']) recent.add(text);
    expect(['a', 'b', 'c', ''].map((text) => recent.has(text))).toEqual([false, true, true, false]);
  });

  it('keeps what is in use, and lets the next oldest go', () => {
    const recent = createRecent(2, (text) => text === 'a');
    for (const text of ['a', 'b', 'c', 'd']) recent.add(text);
    expect(['a', 'b', 'c', 'd'].map((text) => recent.has(text))).toEqual([true, false, false, true]);
  });

  it('holds more than its size only if all of it is in use', () => {
    const recent = createRecent(1, () => true);
    for (const text of ['a', 'b']) recent.add(text);
    expect(recent.has('a') && recent.has('b')).toBe(true);
  });
});
