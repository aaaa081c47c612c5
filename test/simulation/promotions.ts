import fc from 'fast-check';
import type { MpNode } from 'rxmp';
import { createNetwork } from 'rxmp/testing';
import { differs, misses } from './families.js';
import { pick } from './pick.js';
import { Violation, violated } from './violation.js';

/** The longest that two nodes can't connect, ms, and the longest way between them: less than the time for which an old master speaks. */
const LONGEST_CUT = 2_000;
const LONGEST_DELAY = 150;
const HANDOVER_TIME = 5_000;
const FAMILY = 'fam';

interface Member {
  readonly node: MpNode;
  /** What it has set and not deleted. */
  readonly held: Map<string, number>;
  /** What it sees. */
  seen: ReadonlyMap<string, unknown>;
}

/** What happens in a run, as data. */
const plans = fc.record({
  globals: fc.integer({ min: 2, max: 4 }),
  slaves: fc.integer({ min: 2, max: 5 }),
  far: fc.array(fc.record({ a: fc.nat(99), b: fc.nat(99), delay: fc.nat(LONGEST_DELAY), cut: fc.nat(LONGEST_CUT) }), { maxLength: 8 }),
  steps: fc.array(
    fc.record({ do: fc.constantFrom('promote', 'promote', 'set', 'set', 'del', 'wait'), a: fc.nat(99), b: fc.nat(99), wait: fc.nat(600) }),
    { minLength: 5, maxLength: 25 },
  ),
});

type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

/**
 * Slaves become global, one after the other or at the same time, because others take them as seeds, in a network where some
 * nodes are far from each other, and connections take their time. Meanwhile they set and delete keys. Nothing that a node holds
 * may vanish for anybody (S25, S28), and in the end all see the union.
 */
export async function playPromotions(seed: number): Promise<Violation | undefined> {
  const [plan] = fc.sample(plans, { seed, numRuns: 1 });
  if (plan === undefined) return undefined;
  try {
    await play(seed, plan);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}

async function play(seed: number, { globals, slaves, far, steps }: Plan): Promise<void> {
  await using network = createNetwork({ seed, delay: 2, node: { limits: { handoverTime: HANDOVER_TIME } } });
  const members = new Map<string, Member>();
  /** A violation inside of a subscriber would be that subscriber's error. */
  let broken: Violation | undefined;

  const watch = (name: string, node: MpNode): Member => {
    const member: Member = { node, held: new Map(), seen: new Map() };
    members.set(name, member);
    node.dbMon(FAMILY).subscribe(({ family, del }) => {
      member.seen = family;
      for (const key of del) {
        const owner = [...members].find(([, { held }]) => held.has(key))?.[0];
        if (owner !== undefined) broken ??= new Violation('S28', `${key} has vanished for ${name}, and ${owner} holds it`);
      }
    });
    return member;
  };
  const check = (): void => {
    if (broken !== undefined) throw broken;
  };

  const globalNames = Array.from({ length: globals }, (_none, i) => `g${i}`);
  for (const name of globalNames) watch(name, await network.node(name, { seeds: globalNames.filter((other) => other !== name), global: true }));
  const slaveNames = Array.from({ length: slaves }, (_none, i) => `s${i}`);
  for (const [i, name] of slaveNames.entries()) {
    const { node, held } = watch(name, await network.node(name, { seeds: [globalNames[i % globals] ?? 'g0'] }));
    node.dbSet(FAMILY, `anchor ${name}`, 0);
    held.set(`anchor ${name}`, 0);
  }
  await network.run(5_000);
  for (const { a, b, delay, cut } of far) {
    const [slave, global] = [slaveNames[a % slaves] ?? 's0', globalNames[b % globals] ?? 'g0'];
    network.wire.delay(slave, global, delay);
    // its own master it stays connected with
    if (a % slaves % globals !== b % globals && cut > 0) network.clock.after(cut, network.cut(slave, global));
  }

  let promoted = 0;
  let made = 0;
  for (const { do: what, a, b, wait } of steps) {
    const name = slaveNames[a % slaves] ?? 's0';
    const member = members.get(name);
    if (member === undefined) continue;
    if (what === 'promote') await network.node(`n${promoted++}`, { seeds: [name] });
    else if (what === 'set') {
      // what was deleted does not come back: that it has gone may be told later than that
      const key = pick([...member.held.keys(), `${name} ${made++}`], b) ?? '';
      member.node.dbSet(FAMILY, key, b);
      member.held.set(key, b);
    } else if (what === 'del') {
      const key = pick([...member.held.keys()], b);
      if (key === undefined) continue;
      member.held.delete(key);
      member.node.dbDel(FAMILY, key);
    }
    await network.run(wait);
    check();
  }

  await network.run(4 * HANDOVER_TIME);
  check();
  const union = new Map([...members.values()].flatMap(({ held }) => [...held].map(([key, value]) => [key, [value]] as const)));
  for (const [name, { seen }] of members) {
    const wrong = misses(seen, union);
    if (wrong !== undefined) violated('D7', `${name}: ${wrong}`);
    const [first] = members.values();
    const difference = first === undefined ? undefined : differs(first.seen, seen);
    if (difference !== undefined) violated('D7', `${name} and another node see ${FAMILY} differently: ${difference}`);
  }
}
