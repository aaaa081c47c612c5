import { describe, expect, it } from 'vitest';
import { FederationError } from '../../../src/federation/core/errors.js';
import { createMembership, type Membership } from '../../../src/federation/core/membership.js';
import type { Branch } from '../../../src/federation/core/packets.js';
import { seeded } from '../../fixtures/chunking.js';

const RUNS = 1_500;
const STEPS = 80;
const BATCHES = 4;

type Create = typeof createMembership;
type Said = readonly [branch: Branch, isFromThere: boolean] | 'closed';

interface End {
  readonly scope: Scope;
  readonly link: number;
  readonly waiting: Said[];
  open: boolean;
}

interface Scope {
  readonly name: string;
  readonly membership: Membership;
  readonly ends: Map<number, End>;
}

/** Scopes that link to each other at random, rings among it, over links that keep their order. */
function createGraph(create: Create, chance: () => number) {
  const scopes: Scope[] = [];
  const links = new Set<readonly [End, End]>();
  let messages = 0;
  let nextLink = 1;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!;
  const otherOf = new Map<End, End>();

  const say = (end: End, said: Said): void => {
    messages++;
    otherOf.get(end)?.waiting.push(said);
  };
  const leave = (end: End): void => {
    if (!end.open) return;
    end.open = false;
    end.scope.ends.delete(end.link);
    say(end, 'closed');
    end.scope.membership.leave(end.link);
  };
  const graph = {
    scopes,
    get messages() {
      return messages;
    },
    add(name: string): Scope {
      const ends = new Map<number, End>();
      const scope: Scope = { name, ends, membership: create(name, (link, branch, isFromThere) => {
        const end = ends.get(link);
        if (end !== undefined) say(end, [branch, isFromThere]);
      }) };
      scopes.push(scope);
      return scope;
    },
    connect(a: Scope, b: Scope): readonly [End, End] {
      const ends = [a, b].map((scope): End => ({ scope, link: nextLink++, waiting: [], open: true })) as unknown as readonly [End, End];
      otherOf.set(ends[0], ends[1]).set(ends[1], ends[0]);
      links.add(ends);
      for (const end of ends) {
        end.scope.ends.set(end.link, end);
        say(end, [end.scope.membership.join(end.link), false]);
      }
      return ends;
    },
    drop([one, other]: readonly [End, End]): void {
      leave(one);
      if (chance() < 0.5) leave(other);
    },
    deliver(end: End): void {
      const said = end.waiting.shift();
      if (said === undefined || !end.open) return;
      if (said === 'closed') {
        leave(end);
        return;
      }
      try {
        end.scope.membership.update(end.link, ...said);
      } catch (error) {
        if (!(error instanceof FederationError)) throw error;
        leave(end);
      }
    },
    quiet(): void {
      for (let count = 0; ; count++) {
        const waiting = [...links].flat().filter((end) => end.waiting.length > 0 && end.open);
        if (waiting.length === 0) return;
        if (count > 100_000) throw new Error('it never comes to rest');
        graph.deliver(pick(waiting));
      }
    },
    step(): void {
      const what = chance();
      const open = [...links].filter((ends) => ends.some((end) => end.open));
      const waiting = open.flat().filter((end) => end.waiting.length > 0 && end.open);
      if (what < 0.6 && waiting.length > 0) graph.deliver(pick(waiting));
      else if (what < 0.85) graph.connect(pick(scopes), pick(scopes));
      else if (open.length > 0) graph.drop(pick(open));
    },
    open: () => [...links].filter((ends) => ends.every((end) => end.open)),
    componentOf(scope: Scope): Set<Scope> {
      const found = new Set([scope]);
      for (const one of found) for (const ends of graph.open()) if (ends.some((end) => end.scope === one)) for (const end of ends) found.add(end.scope);
      return found;
    },
  };
  return graph;
}

/** Undefined, or what is wrong after a random history. */
function play(create: Create, seed: number): string | undefined {
  const chance = seeded(seed);
  const graph = createGraph(create, chance);
  const size = 2 + Math.floor(chance() * 8);
  for (let i = 0; i < size; i++) graph.add(`scope ${i}`);
  try {
    for (let i = 0; i < STEPS; i++) {
      graph.step();
      if (chance() < 0.05) graph.quiet();
    }
    graph.quiet();
  } catch (error) {
    return String(error);
  }
  const label = ({ membership: { branch: [rank, count, [root]] } }: Scope): string => [rank, count, root].join();
  const components = new Set(graph.scopes.map((scope) => [...graph.componentOf(scope)].map(({ name }) => name).sort().join()));
  const open = graph.open();
  if (open.length !== size - components.size) return `${open.length} links join ${size} scopes to ${components.size} trees: there is a ring`;
  for (const a of graph.scopes) {
    for (const b of graph.scopes) {
      const isOne = graph.componentOf(a).has(b);
      if ((label(a) === label(b)) !== isOne) return `${a.name} has ${label(a)}, ${b.name} ${label(b)}; ${isOne ? 'one tree' : 'two trees'}`;
    }
  }
  // at rest a link is refused exactly if it would close a ring
  const [first, second] = [graph.scopes[0]!, graph.scopes[size - 1]!];
  const wasOne = graph.componentOf(first).has(second);
  const ends = graph.connect(first, second);
  graph.quiet();
  if (ends.every((end) => end.open) === wasOne) return wasOne ? 'a ring is let in' : 'a link between two trees is refused';
  return undefined;
}

describe('labels of trees', () => {
  it.each(Array.from({ length: BATCHES }, (_none, i) => i * RUNS + 1))('rings are refused, trees are let in, whatever crosses: runs from %i on', (first) => {
    for (let seed = first; seed < first + RUNS; seed++) expect(play(createMembership, seed), `seed ${seed}`).toBeUndefined();
  });

  it.each<readonly [string, Create]>([
    ['the way of a label is not looked at', (self, announce) => {
      const membership = createMembership(self, announce);
      return { ...membership, get branch() { return membership.branch; }, update: (link, [rank, count, [root = '']], isFromHere) => { membership.update(link, [rank, count, [root]], isFromHere); } };
    }],
    ['nobody has his label from somebody', (self, announce) => createMembership(self, (link, branch) => { announce(link, branch, false); })],
  ])('a mutant is caught: %s', (_name, broken) => {
    const caught = Array.from({ length: BATCHES * RUNS }).findIndex((_none, seed) => play(broken, seed) !== undefined);
    expect(caught).toBeGreaterThanOrEqual(0);
  });

  it.each([1, 10, 1_000])('one more scope in a star of %i is four messages', (size) => {
    const graph = createGraph(createMembership, seeded(size));
    const hub = graph.add('m hub');
    for (let i = 0; i < size; i++) {
      graph.connect(hub, graph.add(`${i % 2 === 0 ? 'a' : 'z'} leaf ${i}`));
      graph.quiet();
    }
    const before = graph.messages;
    graph.connect(graph.add('a last'), hub);
    graph.quiet();
    // two greetings, and what the newcomer says when it belongs to the tree
    expect(graph.messages - before).toBeLessThanOrEqual(4);
    graph.drop(graph.open().at(-1)!);
    graph.quiet();
    expect(graph.messages - before).toBeLessThanOrEqual(6);
  });
});
