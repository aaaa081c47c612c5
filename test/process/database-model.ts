import { fraction, type Random } from '../../src/env/random.js';

/** A change of a node's own part of the database; `guard` deletes as `del` does, by the guard of `dbSet`. */
export type Change =
  | readonly ['set', family: string, key: string, value: unknown]
  | readonly ['del' | 'guard', family: string, key: string];

export type Model = ReturnType<typeof createModel>;

/** What the nodes of a network have set, as the test knows it. */
export function createModel() {
  const nodes = new Map<string, Map<string, Map<string, string>>>();

  const keysOf = (node: string, family: string): Map<string, string> => {
    let families = nodes.get(node);
    if (families === undefined) nodes.set(node, (families = new Map()));
    let keys = families.get(family);
    if (keys === undefined) families.set(family, (keys = new Map()));
    return keys;
  };

  return {
    apply(node: string, changes: readonly Change[]): void {
      for (const [kind, family, key, value] of changes) {
        if (kind === 'set') keysOf(node, family).set(key, JSON.stringify(value));
        else keysOf(node, family).delete(key);
      }
    },
    forget: (node: string) => void nodes.delete(node),
    keysOf: (node: string, family: string): readonly string[] => [...keysOf(node, family).keys()],
    /** What is wrong with a family that should be the union of what these nodes have set (S24); undefined: nothing. */
    trouble(family: string, living: readonly string[], shown: ReadonlyMap<string, unknown>): string | undefined {
      const expected = new Map<string, Set<string>>();
      for (const node of living) {
        for (const [key, text] of keysOf(node, family)) expected.set(key, (expected.get(key) ?? new Set()).add(text));
      }
      const missing = [...expected.keys()].filter((key) => !shown.has(key));
      const surplus = [...shown.keys()].filter((key) => !expected.has(key));
      if (missing.length + surplus.length > 0) return `${family} misses [${missing.join()}], and has [${surplus.join()}] too much`;
      const foreign = [...shown].filter(([key, value]) => expected.get(key)?.has(JSON.stringify(value)) !== true);
      return foreign.length > 0 ? `${family}: nobody has set ${JSON.stringify(foreign)}` : undefined;
    },
  };
}

/** Keys that many nodes set; among them what an object must not be confused by (S29). */
const SHARED = [...Array.from({ length: 12 }, (_, i) => `k${i}`), '__proto__', 'constructor', 'with space', 'ü', '0'];
const DELETED = 0.3;

/** Random changes of a node; every value says whose it is, and no two are the same. */
export function createChanges(random: Random, families: readonly string[]) {
  let counter = 0;
  const below = (count: number): number => Math.floor(fraction(random) * count);

  const valueOf = (node: string): unknown => {
    const count = ++counter;
    return [`${node}:${count}`, { by: node, count }, [node, count]][below(3)];
  };

  const change = (node: string): Change => {
    const family = families[below(families.length)]!;
    // some of the keys only one node has
    const key = below(4) === 0 ? `${node}.${below(3)}` : SHARED[below(SHARED.length)]!;
    if (fraction(random) < DELETED) return [below(2) === 0 ? 'del' : 'guard', family, key];
    return ['set', family, key, valueOf(node)];
  };

  return {
    some: (node: string, count: number): readonly Change[] => Array.from({ length: count }, () => change(node)),
    /** A key of each family that only this node has, and never deletes. */
    anchors: (node: string): readonly Change[] => families.map((family) => ['set', family, anchorOf(node), valueOf(node)]),
    /** Whether to make all changes in one turn. */
    isBurst: () => below(2) === 0,
  };
}

export const anchorOf = (node: string): string => `anchor ${node}`;
