import type { FamilyChange } from '../family-change.js';
import { equal } from './values.js';

// interim, until the persistent one is here
export interface FamilyStore {
  readonly size: number;
  has(key: string): boolean;
  get(key: string): unknown;
  apply(set: ReadonlyMap<string, unknown>, del: Iterable<string>): FamilyChange | undefined;
  replace(all: ReadonlyMap<string, unknown>): FamilyChange | undefined;
  current(): FamilyChange;
}

export function createFamilyStore(): FamilyStore {
  let map: ReadonlyMap<string, unknown> = new Map();
  const apply = (set: ReadonlyMap<string, unknown>, del: Iterable<string>): FamilyChange | undefined => {
    const next = new Map(map);
    const [add, chg, gone]: [string[], string[], string[]] = [[], [], []];
    for (const [key, value] of set) {
      if (!map.has(key)) add.push(key);
      else if (!equal(map.get(key), value)) chg.push(key);
      next.set(key, value);
    }
    for (const key of del) if (!set.has(key) && next.delete(key)) gone.push(key);
    if (add.length + chg.length + gone.length === 0) return undefined;
    map = next;
    return { family: next, add, chg, del: gone };
  };
  return {
    get size() {
      return map.size;
    },
    has: (key) => map.has(key),
    get: (key) => map.get(key),
    apply,
    replace: (all) => apply(all, [...map.keys()].filter((key) => !all.has(key))),
    current: () => ({ family: map, add: [...map.keys()], chg: [], del: [] }),
  };
}
