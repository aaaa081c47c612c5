import { describe, expect, it } from 'vitest';
import { createFamilyStore, type FamilyStore } from '../../../src/database/core/family-store.js';
import type { FamilyChange } from '../../../src/database/family-change.js';

const KEYS = 100;
const UPDATES = 20_000;
/** Octets of a value: so the values of all updates would be about 160 MB, those of the family not even 1 MB. */
const VALUE = 8_000;

function heap(): number {
  expect(globalThis.gc, 'node --expose-gc').toBeDefined();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function update(store: FamilyStore, i: number): FamilyChange {
  const value = new Array<number>(VALUE / 8).fill(i + 0.5);
  const change = store.apply(new Map([[`key ${i % KEYS}`, value]]), []);
  if (change === undefined) throw new Error('the value was there already');
  return change;
}

describe('the memory of a store', () => {
  it.each<[string, (change: FamilyChange, i: number) => unknown]>([
    ['nobody holds a change', () => undefined],
    ['somebody holds the newest change', (change) => change],
    ['somebody holds the first change, and has not looked', (change, i) => (i === 0 ? change : undefined)],
    ['somebody looks at each change, and holds the newest snapshot', ({ family }) => family],
    ['somebody looks now and then, and holds the change', (change, i) => (i % 1_000 === 0 ? [change, change.family] : undefined)],
    ['somebody has looked at the first one only', (change, i) => (i === 0 ? change.family : undefined)],
  ])('does not grow with what has been, when %s', (_, keep) => {
    const store = createFamilyStore();
    let kept: unknown;
    const before = heap();
    for (let i = 0; i < UPDATES; i++) kept = keep(update(store, i), i) ?? kept;
    const grown = heap() - before;
    expect(store.size).toBe(KEYS);
    // the family, the one that is held, and a run of updates between them
    expect(grown, String(kept)).toBeLessThan(6 * KEYS * VALUE);
  });

  it('that has become small does not keep the room of a large one', () => {
    const store = createFamilyStore();
    const before = heap();
    const keys = Array.from({ length: 50_000 }, (_, i) => `key ${i}`);
    store.apply(new Map(keys.map((key) => [key, 1])), []);
    let size = store.current().family.size;
    const full = heap() - before;
    for (const key of keys.slice(100)) size = store.apply(new Map(), [key])?.family.size ?? size;
    keys.length = 0;
    expect(size).toBe(100);
    expect(heap() - before).toBeLessThan(full / 20);
  });
});
