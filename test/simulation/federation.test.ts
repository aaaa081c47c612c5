import type { MpNode } from 'rxmp';
import { $, _, current, type NodeScope } from 'rxmp/federation';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { seeded } from '../fixtures/chunking.js';

interface Says {
  readonly type: 'says';
  readonly who: string;
  readonly text: string;
}

/** What runs on one host: it asserts, and watches by two patterns. */
interface Member {
  readonly scope: NodeScope<Says>;
  readonly held: Map<string, { unsubscribe(): void }>;
  lines: readonly string[];
  speakers: readonly string[];
}

/** After everything has healed: seeds are found, the database converges, uplinks are asked for again. */
const HEALING_TIME = 120_000;
const TEXTS = ['x', 'y', 'z'];

function createMember(node: MpNode, serve: boolean): Member {
  const scope = node.federate<Says>('talk', { serve });
  const member: Member = { scope, held: new Map(), lines: [], speakers: [] };
  scope.turns({ type: 'says', who: $, text: $ }).pipe(current()).subscribe((said) => {
    member.lines = said.map(({ who, text }) => `${who} ${text}`).sort();
  });
  scope.turns({ type: 'says', who: _, text: $ }).pipe(current()).subscribe((said) => {
    member.speakers = said.map(({ text }) => text).sort();
  });
  return member;
}

/** A network whose nodes share a scope, under random asserts, crashes, freezes and partitions. */
async function play(seed: number): Promise<void> {
  await using network = createNetwork({ seed });
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const members = new Map<string, Member>();
  const names = Array.from('abcdefghij').slice(0, 3 + Math.floor(random() * 8));
  await network.node('seed', { global: true });
  for (const [i, name] of names.entries()) {
    // some are private: nobody can connect to them
    const binds = i % 3 === 1 ? { binds: [] } : {};
    await network.node(name, { seeds: ['seed'], ...binds, start: (node) => members.set(name, createMember(node, i % 4 !== 3)) });
  }
  for (let step = 0; step < 60; step++) await act(network, members, pick, random);

  network.heal();
  for (const name of names) {
    network.thaw(name);
    if (!members.has(name)) await network.restart(name);
  }
  const union = (): string[] => [...members.values()].flatMap(({ held }) => [...held.keys()]).sort();
  const lines = [...new Set(union())];
  const speakers = [...new Set(lines.map((line) => line.slice(-1)))].sort();
  // a tree: one link less than scopes, and each seen from both ends
  const ends = (): number => [...members.values()].reduce((sum, { scope }) => sum + scope.inspect().links.length, 0);
  const isQuiet = (): boolean =>
    ends() === 2 * (names.length - 1) && [...members.values()].every((member) => same(member.lines, lines) && same(member.speakers, speakers));
  await network.until(isQuiet, HEALING_TIME).catch(() => undefined);
  const seen = Object.fromEntries([...members].map(([name, member]) => [name, [member.lines, member.speakers]]));
  expect(seen, `seed ${seed}`).toEqual(Object.fromEntries(names.map((name) => [name, [lines, speakers]])));
  expect(ends(), `ends of links, seed ${seed}`).toBe(2 * (names.length - 1));
}

async function act(network: TestNetwork, members: Map<string, Member>, pick: <T>(list: readonly T[]) => T, random: () => number): Promise<void> {
  const name = pick([...members.keys()]);
  const member = members.get(name)!;
  const text = pick(TEXTS);
  const who = random() < 0.5 ? name : 'all';
  const line = `${who} ${text}`;
  const what = random();
  if (what < 0.4 && !member.held.has(line)) member.held.set(line, member.scope.assert({ type: 'says', who, text }));
  else if (what < 0.6) {
    member.held.get(line)?.unsubscribe();
    member.held.delete(line);
  } else if (what < 0.66 && members.size > 2) {
    members.delete(name);
    network.crash(name, { silent: random() < 0.5 });
  } else if (what < 0.72) network.freeze(name);
  else if (what < 0.78) network.thaw(name);
  else if (what < 0.84) network.partition(['seed', ...[...members.keys()].filter(() => random() < 0.5)], [name]);
  else if (what < 0.9) network.heal();
  await network.run(Math.floor(random() * 1_000));
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((text, i) => text === b[i]);

describe('a scope of a simulated network', () => {
  it.each(Array.from({ length: 30 }, (_none, i) => i + 1))('is the union of all, and a tree, after everything has healed (I4): seed %i', { timeout: 60_000 }, play);
});
