import fc from 'fast-check';
import { createSimulatedNetwork } from './simulated-network.js';
import { createSimulatedNode, type Carriage, type SimulatedNode } from './simulated-node.js';
import { createPerlGlobal, type PerlGlobal } from './perl-global.js';

export const FAMILIES = ['fam', 'Other:1'];
const READ = [...FAMILIES, "'l", "'g"];
const KEYS = ['a', 'b', '__proto__', 'constructor', '12', 'Schlüssel', 'x y'];
/** Ids of globals and of slaves are mixed, so that each is greater and less than others of both. */
const GLOBALS = ['m', 'c', 'x', 'f', 't'];
const SLAVES = Array.from('abdeghijklnopqrsuvwy');
const PERL = ['n1', 'a1', 'y1'];

const any = fc.nat(999);


const step = fc.oneof(
  { withCrossShrink: true },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('serve'), choice: any, count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set'), node: any, family: any, key: any, value: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('del'), node: any, family: any, key: any }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('watch'), node: any, family: any }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unwatch'), node: any, family: any }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask'), node: any, family: any, kind: fc.nat(3), isCancelled: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect'), node: any, other: any }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut'), node: any, other: any, kept: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill'), node: any, kept: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start'), node: any }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rise'), node: any }) },
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const setup = fc.record({
  globals: fc.integer({ min: 1, max: GLOBALS.length }),
  slaves: fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(SLAVES.length) }),
  /** For each slave where in the list of globals its seeds begin, and how many they are. */
  seeds: fc.array(any, { minLength: 1, maxLength: 6 }),
  wire: fc.boolean(),
  isLazy: fc.boolean(),
  pieceSize: fc.constantFrom(1_000_000, 40, 1),
  unmarked: fc.constantFrom(0, 0, 2, 3),
  seed: fc.nat(),
});

export const history = fc.record({ setup, phases: fc.array(fc.array(step, { maxLength: 60, size: '+1' }), { minLength: 1, maxLength: 2 }) });
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
export type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

export type World = ReturnType<typeof createWorld>;

const pick = <T>(list: readonly T[], choice: number): T => list[choice % list.length]!;

/** The nodes of a history, and what can happen to them. */
export function createWorld({ globals, slaves, seeds, unmarked, ...way }: Setup, perls: number) {
  const network = createSimulatedNetwork();
  const globalIds = GLOBALS.slice(0, globals);
  const perlIds = PERL.slice(0, perls);
  const ids = [...globalIds, ...SLAVES.slice(0, slaves)];
  const live = new Map<string, SimulatedNode>();
  const livePerl = new Map<string, PerlGlobal>();
  const carriage: Carriage = {
    ...way,
    isRxmp: (node) => !perlIds.includes(node),
    isMarked: (node) => !perlIds.includes(node) && (unmarked === 0 || ids.indexOf(node) % unmarked !== 0),
  };

  const seedsOf = (id: string): readonly string[] => {
    const order = ids.indexOf(id);
    const choice = pick(seeds, order);
    // some globals begin as slaves of another, until they are wanted
    if (globalIds.includes(id)) return order > 0 && choice % 4 === 0 ? [globalIds[0]!] : [];
    const masters = [...globalIds, ...perlIds];
    return Array.from({ length: 1 + (choice % 3) }, (_, i) => pick(masters, choice + i));
  };

  const connectSeeds = (id: string, all: readonly string[]): void => {
    for (const seed of all) network.connect(id, seed);
  };

  const start = (id: string): void => {
    if (network.has(id)) return;
    if (perlIds.includes(id)) {
      const at = perlIds.indexOf(id);
      // every other has a seed, which is its master
      const seed = at % 2 === 0 ? [pick(globalIds, pick(seeds, at))] : [];
      livePerl.set(id, createPerlGlobal({ id, seeds: seed, network, isSlaveFirst: pick(seeds, at) % 3 === 0 }));
      connectSeeds(id, [...globalIds, ...perlIds]);
      return;
    }
    const own = seedsOf(id);
    live.set(id, createSimulatedNode({ id, seeds: own, isGlobal: own.length === 0, network, carriage }));
    connectSeeds(id, own);
  };

  const kill = (id: string, kept: number): void => {
    for (const watching of [...(live.get(id)?.watchings.values() ?? [])].flat()) watching.finish();
    live.delete(id);
    livePerl.delete(id);
    network.kill(id, kept);
  };

  for (const id of [...ids, ...perlIds]) start(id);

  const all = (): readonly (SimulatedNode | PerlGlobal)[] => [...live.values(), ...livePerl.values()];
  let written = 0;
  /** Who of the nodes around AnyEvent::MP's globals has ever set a key. */
  const setters = new Map<string, Set<string>>();
  const perlSets = (name: string, id: string): void => {
    setters.set(name, (setters.get(name) ?? new Set()).add(id));
  };

  const perform = (one: Step): void => {
    const any = all();
    const target = 'node' in one && any.length > 0 ? pick(any, one.node) : undefined;
    const node = 'node' in one && live.size > 0 ? pick([...live.values()], one.node) : undefined;
    switch (one.do) {
      case 'serve':
        for (let i = 0; i < (one.count); i++) network.step((one.choice) * (i + 1));
        return;
      case 'set': {
        const { family, key, value } = one;
        if (target === undefined) return;
        target.set(pick(FAMILIES, family), pick(KEYS, key), value === 0 ? 'same' : { by: target.id, n: value < 3 ? value : ++written });
        if (perlIds.includes(target.id) || target.seeds.some((seed) => perlIds.includes(seed))) perlSets(`${pick(FAMILIES, family)} ${pick(KEYS, key)}`, target.id);
        return;
      }
      case 'del':
        target?.del(pick(FAMILIES, one.family), pick(KEYS, one.key));
        return;
      case 'watch':
        node?.watch(pick(READ, one.family));
        return;
      case 'unwatch':
        node?.unwatch(pick(READ, one.family));
        return;
      case 'ask': {
        const { kind, family, isCancelled } = one as { kind: number; family: number; isCancelled: boolean };
        if (kind === 3) node?.find(pick(ids, family), isCancelled);
        else node?.ask((['g_db_family', 'g_db_keys', 'g_db_values'] as const)[kind]!, pick(READ, family), isCancelled);
        return;
      }
      case 'connect':
        if (target !== undefined) network.connect(target.id, pick(any, one.other).id);
        return;
      case 'cut':
        if (target !== undefined) network.cut(target.id, pick(any, one.other).id, one.kept);
        return;
      case 'kill':
        if (target !== undefined) kill(target.id, one.kept);
        return;
      case 'start':
        start(pick([...ids, ...perlIds], one.node));
        return;
      case 'rise':
        // a node that others take for a seed
        if (globalIds.includes(node?.id ?? '')) node?.becomeGlobal();
        return;
    }
  };

  /** Serves the queues in some order, until all is quiet. */
  const settle = (random: () => number): void => {
    for (let served = 0; network.step(Math.floor(random() * 1_000_000)); served++) {
      if (served > 100_000) throw new Error('the nodes never come to rest');
    }
  };

  return {
    live,
    livePerl,
    perform,
    settle,
    /** Several nodes around AnyEvent::MP's globals have set the key: which value these tell to whom is a matter of luck. */
    isAnybodys: (family: string, key: string): boolean => (setters.get(`${family} ${key}`)?.size ?? 0) > 1,
    /** All partitions heal: everybody finds a master, and the globals each other. */
    heal(random: () => number): void {
      for (const { seeds: own } of [...all()]) if (own.length > 0 && !own.some((seed) => network.has(seed))) start(own[0]!);
      for (const { id, seeds: own } of all()) connectSeeds(id, own);
      settle(random);
      const mesh = all().filter((node) => !('directory' in node) || node.directory.isGlobal);
      for (const a of mesh) for (const b of mesh) network.connect(a.id, b.id);
      settle(random);
    },
  };
}
