import { expect, it } from 'vitest';
import { createFamilyStore } from '../../../src/database/core/family-store.js';

const PRIME = 0x01000193;
const OFFSET = 0x811c9dc5;

/** Keys that FNV-1a, begun as usual, gives one hash: for each prefix, two units that lead to the same state. */
function collidingKeys(count: number): string[] {
  const wanted = 0x12345678;
  return Array.from({ length: count }, (_, n) => {
    const prefix = `${n.toString(36)}.`;
    const state = hashOf(prefix);
    for (let first = 32; first < 0xd800; first++) {
      const second = Math.imul(state ^ first, PRIME) ^ wanted;
      if (second >= 32 && second < 0xd800) return prefix + String.fromCharCode(first, second);
    }
    return prefix;
  });
}

function hashOf(text: string): number {
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash;
}

/** Looks at a family of these keys: builds its snapshot, and finds each in it. The least of some runs, ms. */
function cost(keys: readonly string[]): number {
  const run = (): number => {
    const store = createFamilyStore();
    const start = performance.now();
    const family = store.apply(new Map(keys.map((key) => [key, 1])), [])?.family;
    for (const key of keys) if (family?.get(key) !== 1) throw new Error(`${key} is missing`);
    return performance.now() - start;
  };
  return Math.min(run(), run(), run());
}

it('keys that somebody has made to collide cost no more than others: hashes differ from process to process', () => {
  const colliding = collidingKeys(8_000);
  expect(new Set(colliding.map(hashOf)).size).toBeLessThan(colliding.length / 2);
  // in one leaf they would take a hundred times as long
  expect(cost(colliding)).toBeLessThan(10 * cost(colliding.map((_, i) => `key ${i}`)));
});
