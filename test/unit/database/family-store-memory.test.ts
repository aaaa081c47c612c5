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

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `key ${i}`);
const mapOf = (keys: readonly string[]): Map<string, number> => new Map(keys.map((key) => [key, 1]));

function storeOf(keys: readonly string[]): FamilyStore {
  const store = createFamilyStore();
  store.apply(mapOf(keys), []);
  return store;
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

  it('is that of a plain map, as long as nobody looks, and less than three times that with a snapshot', () => {
    const keys = numbered(100_000);
    const start = heap();
    const plain = mapOf(keys);
    const ofPlain = heap() - start;
    const store = storeOf(keys);
    const ofStore = heap() - start - ofPlain;
    expect(store.current().family.size).toBe(plain.size);
    const ofBoth = heap() - start - ofPlain;
    expect(ofStore).toBeLessThan(1.1 * ofPlain);
    expect(ofBoth).toBeLessThan(3 * ofPlain);
    expect(store.size).toBe(keys.length);
  });

  it('does not grow with keys that have come and gone since somebody looked', () => {
    const store = storeOf(numbered(100));
    expect(store.current().family.size).toBe(100);
    const before = heap();
    for (let i = 0; i < 100_000; i++) {
      store.apply(new Map([[`passing ${i}`, i]]), []);
      store.apply(new Map(), [`passing ${i}`]);
    }
    expect(heap() - before).toBeLessThan(1024 * 1024);
    expect(store.size).toBe(100);
  });

  it('of snapshots is what differs between them', () => {
    const snapshots = 1_000;
    const store = storeOf([]);
    for (const key of numbered(20_000)) expect(store.apply(new Map([[key, 1]]), [])?.family.has(key)).toBe(true);
    const held = [store.current().family];
    const before = heap();
    for (let i = 0; i < snapshots; i++) {
      const change = store.apply(new Map([[`key ${i}`, -1]]), []);
      if (change !== undefined) held.push(change.family);
    }
    // one snapshot alone is some 600,000 octets
    expect((heap() - before) / snapshots).toBeLessThan(5_000);
    expect(held).toHaveLength(snapshots + 1);
  });

  it('that has become small does not keep the room of a large one', () => {
    const store = createFamilyStore();
    const keys = numbered(50_000);
    const before = heap();
    store.apply(mapOf(keys), []);
    let size = store.current().family.size;
    const full = heap() - before;
    for (const key of keys.slice(100)) size = store.apply(new Map(), [key])?.family.size ?? size;
    expect(size).toBe(100);
    expect(heap() - before).toBeLessThan(full / 15);
    expect([keys.length, store.size]).toEqual([50_000, 100]);
  });
});
