import { enableMapSet, Immer } from 'immer';
import { Map as ImmutableMap } from 'immutable';
import { createFamilyStore, type FamilyStore } from '../src/database/core/family-store.js';
import { timed, type Contender } from './measure.js';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const UPDATES = 20_000;
/** A flat map is copied whole for each update: so many updates a run are bearable. */
const COPIES = 200_000;

interface StoreBench {
  readonly keys: number;
  /** The store looked at after each update is the first, the store never looked at the third. */
  readonly contenders: () => readonly Contender[];
}

/** One key of a family changes at a time: rxmp's store, and what else could hold a family. `share` takes less of it. */
export const storeBenches = (share: number): readonly StoreBench[] =>
  SIZES.map((keys) => ({ keys, contenders: () => contendersOf(keys, Math.ceil(UPDATES * share)) }));

function contendersOf(size: number, updates: number): readonly Contender[] {
  const all = new Map(Array.from({ length: size }, (_, i) => [`key:${i}`, i]));
  const keys = [...all.keys()];
  const order = Array.from({ length: updates }, (_, i) => keys[(i * 7_919_317) % size] ?? '');
  let fresh = size;

  /** Each update comes as a map of one key, as it comes from a master. */
  const contender = (name: string, count: number, update: (set: ReadonlyMap<string, number>, i: number) => number): Contender => ({
    name,
    run: () => {
      let seen = 0;
      return timed(count, () => {
        for (let i = 0; i < count; i++) seen += update(new Map([[order[i % updates] ?? '', fresh++]]), i);
        if (seen === 0) throw new Error(`${name}: nothing has changed`);
      });
    },
  });

  const store = (name: string, count: number, isSeen: (i: number) => boolean): Contender => {
    const family = filled(all);
    return contender(name, count, (set, i) => {
      const change = family.apply(set, []);
      return (change?.chg.length ?? 0) + (change !== undefined && isSeen(i) ? change.family.size : 0);
    });
  };

  const plain = new Map(all);
  let immutable = ImmutableMap(all);
  enableMapSet();
  const immer = new Immer({ autoFreeze: false });
  let flat: ReadonlyMap<string, number> = new Map(all);
  const copies = Math.max(1, Math.min(updates, Math.round(COPIES / size)));

  return [
    store('store, looked at each time', updates, () => true),
    store('store, looked at every 64', updates, (i) => i % 64 === 63),
    store('store, never looked at', updates * 10, () => false),
    contender('mutable Map, change record', updates * 10, (set) => {
      const { add, chg, del } = recordOf(plain, set);
      for (const [key, value] of set) plain.set(key, value);
      return add.length + chg.length + del.length;
    }),
    contender('immutable.js Map, change record', updates, (set) => {
      const { chg } = recordOf(immutable, set);
      for (const [key, value] of set) immutable = immutable.set(key, value);
      return chg.length;
    }),
    contender(`flat immer Map, ${copies.toLocaleString('en')} a run`, copies, (set) => {
      const { chg } = recordOf(flat, set);
      flat = immer.produce(flat, (draft: Map<string, number>) => {
        for (const [key, value] of set) draft.set(key, value);
      });
      return chg.length;
    }),
  ];
}

function recordOf(before: { has(key: string): boolean; get(key: string): unknown }, set: ReadonlyMap<string, unknown>) {
  const [add, chg, del]: [string[], string[], string[]] = [[], [], []];
  for (const [key, value] of set) {
    if (!before.has(key)) add.push(key);
    else if (before.get(key) !== value) chg.push(key);
  }
  return { add, chg, del };
}

function filled(all: ReadonlyMap<string, unknown>): FamilyStore {
  const family = createFamilyStore();
  family.apply(all, []);
  return family;
}
