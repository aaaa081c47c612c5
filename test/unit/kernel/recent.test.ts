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

  it('costs the same for each text, however many are in use', () => {
    let looks = 0;
    const recent = createRecent(1_000, () => { looks++; return true; });
    for (let n = 0; n < 10_000; n++) recent.add(`text ${n}`);
    expect(looks).toBeLessThanOrEqual(20_000);
    expect(recent.has('text 0') && recent.has('text 9999')).toBe(true);
  });

  it('lets those go that were in use once, soon after', () => {
    let inUse = true;
    const recent = createRecent(10, () => inUse);
    for (let n = 0; n < 100; n++) recent.add(`used ${n}`);
    inUse = false;
    for (let n = 0; n < 200; n++) recent.add(`new ${n}`);
    expect(Array.from({ length: 100 }, (_, n) => recent.has(`used ${n}`)).filter(Boolean)).toEqual([]);
  });

  it('holds more than its size only if all of it is in use', () => {
    const recent = createRecent(1, () => true);
    for (const text of ['a', 'b']) recent.add(text);
    expect(recent.has('a') && recent.has('b')).toBe(true);
  });
});
