import { isDeepStrictEqual } from 'node:util';
import { check, checkEqual } from './check.js';
import type { World } from './history.js';
import type { SimulatedNode } from './simulated-node.js';

const NETWORK = ["'l", "'g"];

interface Held {
  readonly by: string;
  readonly value: unknown;
}

/** What living nodes have set: for each key of a family, by whom and what (S24). */
function union(world: World, family: string): ReadonlyMap<string, readonly Held[]> {
  const all = new Map<string, Held[]>();
  const shards = [...world.live.values()].map(({ id, shard }) => ({ by: id, db: shard.all() }));
  for (const { by, db } of [...shards, ...Array.from(world.livePerl.values(), ({ id, database }) => ({ by: id, db: database }))]) {
    for (const [key, value] of db.get(family) ?? []) all.set(key, [...(all.get(key) ?? []), { by, value }]);
  }
  return all;
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

/** Holds the families that users write to against what living nodes have set (D2, D4, D5, D7). */
function checkFamily(world: World, globals: readonly SimulatedNode[], family: string): void {
  const expected = union(world, family);
  const shown = globals.map((node) => ({ id: node.id, store: node.store(family) }));
  for (const { id, store } of shown) checkEqual(sorted(store.keys()), sorted(expected.keys()), () => `keys of ${family} at ${id} (D5, D7)`);
  for (const [key, held] of expected) {
    if (world.isAnybodys(family, key)) continue;
    const [first, ...others] = shown.map(({ id, store }) => ({ id, value: store.get(key) }));
    if (first === undefined) return;
    check(held.some(({ value }) => isDeepStrictEqual(value, first.value)), () => `the value of ${key} at ${first.id} is none of its holders' (D4)`);
    for (const { id, value } of others) {
      checkEqual(value, first.value, () => `the value of ${key} differs between ${first.id} and ${id} (D2, D7)`);
    }
  }
}

/** The families of the network itself: who is there, and who is global. */
function checkNetwork(world: World, globals: readonly SimulatedNode[]): void {
  // what AnyEvent::MP tells of others who went may stay as long as it does
  if (world.livePerl.size > 0) return;
  for (const node of globals) {
    checkEqual(sorted(node.store("'l").keys()), sorted(world.live.keys()), () => `nodes that listen, at ${node.id}`);
    checkEqual(sorted(node.store("'g").keys()), sorted(globals.map(({ id }) => id)), () => `global nodes, at ${node.id}`);
  }
}

/** Who has no master does not take for current what it shows (V12). */
export function checkVouched(world: World): void {
  for (const { id, replica, isIdle, watchings } of world.live.values()) {
    if (replica.source !== undefined || !isIdle) continue;
    for (const [family, all] of watchings) check(!all.some(({ isCurrent }) => isCurrent), () => `nobody vouches for what ${id} sees of ${family} (V12)`);
  }
}

/** When all is quiet, every global shows the same store, the union of what living nodes have set, and so does every monitor. */
export function checkQuiet(world: World, families: readonly string[]): void {
  const nodes = [...world.live.values()];
  const globals = nodes.filter(({ directory }) => directory.isGlobal);
  for (const family of families) checkFamily(world, globals, family);
  checkNetwork(world, globals);

  const stores = new Map(globals.map((node) => [node.id, new Map([...families, ...NETWORK].map((family) => [family, node.store(family)]))]));
  for (const node of nodes) {
    // what a master of AnyEvent::MP shows is its own business
    const store = stores.get(node.replica.source ?? '');
    if (store === undefined) continue;
    check(node.unanswered.size === 0, () => `${node.id} got no answer: ${[...node.unanswered].join()}`);
    for (const [family, watchings] of node.watchings) {
      for (const watching of watchings) {
        checkEqual(watching.folded, store.get(family), () => `what ${node.id} sees of ${family} (D7)`);
        check(watching.isCurrent, () => `${node.id} does not take for current what it sees of ${family} (V12)`);
        watching.finish();
      }
    }
  }
}
