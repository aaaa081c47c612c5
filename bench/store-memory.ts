import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFamilyStore } from '../src/database/core/family-store.js';
import type { Result } from './measure.js';

/** What a key takes in memory, in octets, without the key itself and its value. */
export function storeMemory(size: number, rounds: number): readonly Result[] {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const keys = Array.from({ length: size }, (_, i) => `key:${i}`);
  const filled = () => {
    const store = createFamilyStore();
    store.apply(new Map(keys.map((key, i) => [key, i])), []);
    return store;
  };
  const holders: readonly [string, () => unknown][] = [
    ['store, never looked at', filled],
    ['store with one snapshot', () => {
      const store = filled();
      return [store, store.current().family];
    }],
    ['mutable Map', () => new Map(keys.map((key, i) => [key, i]))],
  ];
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  return holders.map(([name, make]) => {
    const octets = Array.from({ length: rounds }, () => {
      const before = heap();
      const held = make();
      const after = heap();
      // it is there until here
      if (held === undefined) throw new Error(`${name}: nothing is held`);
      return (after - before) / size;
    }).sort((a, b) => a - b);
    const at = (index: number): number => octets[index] ?? Number.NaN;
    return { name, min: at(0), median: at(Math.floor(rounds / 2)), max: at(rounds - 1) };
  });
}
