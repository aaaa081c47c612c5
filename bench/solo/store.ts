import { enableMapSet, Immer } from 'immer';
import { Map as ImmutableMap } from 'immutable';
import { createFamilyStore } from '../../src/database/core/family-store.js';
import { perSecond, type Running } from '../harness/measure.js';

export interface StoreSettings {
  readonly kind: StoreKind;
  readonly keys: number;
}
export type StoreKind = 'seen' | 'seen64' | 'unseen' | 'map' | 'immutable' | 'immer';

/** Applies a change, and gives how much of it has been seen. */
type Apply = (set: ReadonlyMap<string, number>) => number;

/** Keys in the order of their updates are far apart. */
const STEP = 7_919_317;

/** Changes one key at a time of a family: rxmp's store, or what else could hold a family and tell what has changed. */
export function open({ kind, keys }: StoreSettings): Running {
  const all = new Map(Array.from({ length: keys }, (_, i) => [`key:${i}`, i]));
  const names = [...all.keys()];
  const apply = makers[kind](all);
  let fresh = keys;
  return {
    run(updates) {
      let seen = 0;
      return perSecond(updates, () => {
        // each update comes as a map of one key, as it comes from a master
        for (let i = 0; i < updates; i++) seen += apply(new Map([[names[(fresh * STEP) % keys] ?? '', fresh++]]));
        if (seen === 0) throw new Error(`${kind}: nothing has changed`);
      });
    },
  };
}

const makers: Readonly<Record<StoreKind, (all: ReadonlyMap<string, number>) => Apply>> = {
  seen: (all) => store(all, () => true),
  seen64: (all) => store(all, (i) => i % 64 === 63),
  unseen: (all) => store(all, () => false),
  map(all) {
    const plain = new Map(all);
    return (set) => {
      const { add, chg } = recordOf(plain, set);
      for (const [key, value] of set) plain.set(key, value);
      return add.length + chg.length;
    };
  },
  immutable(all) {
    let map = ImmutableMap(all);
    return (set) => {
      const { chg } = recordOf(map, set);
      for (const [key, value] of set) map = map.set(key, value);
      return chg.length;
    };
  },
  immer(all) {
    enableMapSet();
    const immer = new Immer({ autoFreeze: false });
    let flat: ReadonlyMap<string, number> = new Map(all);
    return (set) => {
      const { chg } = recordOf(flat, set);
      flat = immer.produce(flat, (draft: Map<string, number>) => {
        for (const [key, value] of set) draft.set(key, value);
      });
      return chg.length;
    };
  },
};

/** rxmp's store, of which somebody looks at the family after some updates. */
function store(all: ReadonlyMap<string, number>, isSeen: (i: number) => boolean): Apply {
  const family = createFamilyStore();
  family.apply(all, []);
  let i = 0;
  return (set) => {
    const change = family.apply(set, []);
    return (change?.chg.length ?? 0) + (change !== undefined && isSeen(i++) ? change.family.size : 0);
  };
}

function recordOf(before: { has(key: string): boolean; get(key: string): unknown }, set: ReadonlyMap<string, unknown>) {
  const [add, chg]: [string[], string[]] = [[], []];
  for (const [key, value] of set) {
    if (!before.has(key)) add.push(key);
    else if (before.get(key) !== value) chg.push(key);
  }
  return { add, chg };
}
