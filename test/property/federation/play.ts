import type { createScopeCore } from '../../../src/federation/core/scope-core.js';
import { seeded } from '../../fixtures/chunking.js';
import { check } from '../database/check.js';
import { checkInspection, checkLabels } from './rules.js';
import { projection, specs, values } from './vocabulary.js';
import type { Watcher } from './watcher.js';
import { createWorld, type End, type Link, type Site } from './world.js';

export interface Played {
  /** What was wrong, with what was done until then; undefined: nothing. */
  readonly violation: string | undefined;
  readonly steps: number;
  /** Links that were refused or ended, and those that bad packets were to end. */
  readonly counts: { readonly refused: number; readonly doomed: number };
}

const MOST_SCOPES = 12;
const MOST_STEPS = 60;

/** Bad packets of a peer that honours nothing: each ends its link (§2). */
const bad: readonly (readonly (readonly unknown[])[])[] = [
  [['clear', 1e9]],
  [['add', 1e9, ['a']]],
  [['del', 1e9, []]],
  [['msg', 1e9, [], 5]],
  [['end', 1e9]],
  [['assert', 1e9, ['is', 'a pattern that nobody else has']], ['assert', 1e9 + 1, ['is', 'a pattern that nobody else has']]],
  [['assert', 1e9, ['is', 1]], ['assert', 1e9, ['is', 2]]],
  [['assert', 1e9, ['says', 'a', 'x']]],
  [['synced', 1e9]],
];

/** A random history of a random tree, as its seed has it. */
export function play(create: typeof createScopeCore, seed: number): Played {
  const chance = seeded(seed);
  const below = (end: number): number => Math.floor(chance() * end);
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  const world = createWorld(create);
  const { sites, links, otherOf } = world;
  const done: string[] = [];
  let pendingSyncs = 0;

  const ends = (): End[] => [...links].flatMap((link) => link.ends);
  const underWay = (): End[] => {
    const found: End[] = [];
    for (const link of links) for (const end of link.ends) if (end.out.length > 0) found.push(end);
    return found;
  };

  /** Scopes that links join, be they half dead. */
  const componentOf = (site: Site, along: (link: Link) => boolean): Set<Site> => {
    const found = new Set([site]);
    for (const one of found) {
      for (const link of links) {
        if (!along(link) || !link.ends.some((end) => end.site === one)) continue;
        for (const end of link.ends) found.add(end.site);
      }
    }
    return found;
  };
  const isUp = (link: Link): boolean => link.ends.every(({ up }) => up);

  const connect = (): void => {
    const a = pick(sites);
    const others = a === undefined ? [] : sites.filter((site) => !componentOf(a, () => true).has(site));
    const b = pick(others);
    if (a === undefined || b === undefined) return;
    done.push(`connect ${a.name}, ${b.name}`);
    world.connect(a, b);
  };
  const drop = (): void => {
    const link = pick([...links]);
    if (link === undefined) return;
    const [first, second] = chance() < 0.5 ? link.ends : [link.ends[1], link.ends[0]];
    const tells = chance() < 0.5;
    done.push(`drop ${first.site.name}, ${second.site.name}${tells ? ' one after the other' : ''}`);
    world.leave(first, tells);
    if (!tells) world.leave(second, false);
  };
  const quiet = (): void => {
    for (let waiting = underWay(); waiting.length > 0; waiting = underWay()) world.deliver(pick(waiting)!);
  };

  const act = (site: Site): void => {
    const kind = below(20);
    if (kind < 5) {
      const value = pick(values)!;
      done.push(`${site.name} asserts ${JSON.stringify(value)}`);
      world.assert(site, value);
    } else if (kind < 8) {
      const value = pick([...site.asserted.keys()]);
      if (value === undefined) return;
      done.push(`${site.name} retracts ${JSON.stringify(value)}`);
      world.retract(site, value);
    } else if (kind < 12) {
      const spec = pick(specs.slice(0, seed % 3 === 0 ? 3 : specs.length))!;
      done.push(`${site.name} observes ${JSON.stringify(spec)}`);
      world.observe(site, spec);
    } else if (kind < 14) {
      const watcher = pick([...site.watchers.keys()]);
      if (watcher === undefined) return;
      done.push(`${site.name} no longer observes ${JSON.stringify(watcher.spec)}`);
      world.ignore(site, watcher);
    } else if (kind < 16) {
      done.push(`${site.name} sends`);
      world.send(site, pick(['a', 'b'])!);
    } else if (kind === 16) connect();
    else if (kind === 17) {
      if (chance() < 0.5) drop();
      else connect();
    } else if (kind === 18) {
      const end = pick(ends());
      if (end === undefined || chance() < 0.5) return;
      done.push(`half of the link from ${end.site.name} to ${otherOf(end).site.name} dies`);
      world.mute(end);
    } else if (chance() < 0.5) {
      pendingSyncs++;
      site.core.sync(() => { pendingSyncs--; });
    } else {
      const end = pick(ends());
      if (end?.joined !== true || !end.up || !otherOf(end).up) return;
      const own = pick([...end.ledger.outs.values()]);
      // now and then a pattern that is subscribed to already, under another id
      const turn = own !== undefined && chance() < 0.4 ? [['assert', 1e9, JSON.parse(own)]] : pick(bad)!;
      done.push(`${end.site.name} says to ${otherOf(end).site.name} ${JSON.stringify(turn)}`);
      world.doom(end, turn);
    }
  };

  /** What is so when nothing is under way: I4, I7, who is reached where. */
  const checkQuiet = (): void => {
    for (const link of [...links]) {
      // what is half dead is noticed at last
      if (!link.ends.some(({ mute }) => mute)) continue;
      for (const end of link.ends) world.leave(end, false);
    }
    quiet();
    done.push('quiet');
    check(pendingSyncs === 0, () => `${pendingSyncs} barriers were not answered`);
    for (const link of links) {
      check(isUp(link), () => `the link of ${link.ends.map(({ site }) => site.name).join(' and ')} has one end`);
      check(!link.ends.some(({ doomed }) => doomed), () => 'a link has outlived bad packets');
    }
    for (const site of sites) {
      const all = [...componentOf(site, isUp)].flatMap((one) => [...one.asserted.keys()]);
      for (const { spec, visible } of site.watchers.keys()) {
        const wanted = new Set(all.map((value) => projection(spec, value)).filter((match) => match !== false));
        const isRight = wanted.size === visible.size && [...wanted].every((match) => visible.has(match));
        check(isRight, () => `I4: an observer of ${JSON.stringify(spec)} at ${site.name} sees ${[...visible].join(' ')}, expected ${[...wanted].join(' ')}`);
      }
      checkInspection(site);
    }
    checkLabels(sites, (site) => componentOf(site, isUp));
  };

  /** A message that meets nothing else is seen once by each observer that it fits, and by nobody else (I6). */
  const probeMessage = (): void => {
    const site = pick(sites)!;
    const before = new Map<Watcher, number>(sites.flatMap(({ watchers }) => [...watchers.keys()]).map((watcher) => [watcher, watcher.messages]));
    const message = world.send(site, 'a');
    quiet();
    const component = componentOf(site, isUp);
    for (const one of sites) {
      for (const watcher of one.watchers.keys()) {
        const wanted = component.has(one) && projection(watcher.spec, message) !== false ? 1 : 0;
        const got = watcher.messages - (before.get(watcher) ?? 0);
        check(got === wanted, () => `I6: an observer of ${JSON.stringify(watcher.spec)} at ${one.name} has seen a message of ${site.name} ${got} times, expected ${wanted}`);
      }
    }
  };

  /** After a barrier all observers see what was asserted before it, and a new one all that is there. */
  const probeBarrier = (): void => {
    const site = pick(sites)!;
    const component = componentOf(site, isUp);
    const value = pick(values)!;
    const spec = pick(specs)!;
    done.push(`${site.name} asserts ${JSON.stringify(value)}, observes ${JSON.stringify(spec)}, and waits`);
    world.assert(site, value);
    const own = world.observe(site, spec);
    let isOver = false;
    site.core.sync(() => { isOver = true; });
    for (let waiting = underWay(); !isOver && waiting.length > 0; waiting = underWay()) world.deliver(pick(waiting)!);
    check(isOver, () => `the barrier of ${site.name} was not answered`);
    for (const one of component) {
      for (const watcher of one.watchers.keys()) {
        const match = projection(watcher.spec, value);
        check(match === false || watcher.visible.has(match), () => `after the barrier of ${site.name} ${one.name} does not see ${String(match)}`);
      }
      for (const other of one.asserted.keys()) {
        const match = projection(spec, other);
        check(match === false || own.visible.has(match), () => `after its barrier ${site.name} does not see ${String(match)}`);
      }
    }
  };

  /** A link inside a tree is refused at its hello. */
  const probeRing = (): void => {
    const a = pick(sites)!;
    const b = pick([...componentOf(a, isUp)].filter((site) => site !== a));
    if (b === undefined) return;
    done.push(`ring of ${a.name}, ${b.name}`);
    const { ends: refused } = world.connect(a, b, true);
    quiet();
    for (const { joined, up, said } of refused) {
      check(!joined && !up && !said.includes('assert'), () => `the link that closes a ring of ${a.name} and ${b.name} has come up`);
    }
  };

  const step = (): void => {
    const waiting = underWay();
    if (waiting.length > 0 && chance() < 0.55) world.deliver(pick(waiting)!);
    else act(pick(sites)!);
    if (chance() < 0.985) return;
    quiet();
    checkQuiet();
    [probeMessage, probeBarrier, probeRing][below(3)]?.();
  };

  let steps = 0;
  try {
    const scopes = 2 + below(below(MOST_SCOPES - 1) + 1);
    for (let i = 0; i < scopes; i++) world.add();
    for (let i = 1; i < scopes; i++) if (chance() < 0.9) world.connect(sites[i]!, sites[below(i)]!);
    for (const most = 20 + below(MOST_STEPS - 20); steps < most; steps++) step();
    quiet();
    checkQuiet();
    probeMessage();
    probeBarrier();
    quiet();
    probeRing();
    quiet();
    checkQuiet();
    return { violation: undefined, steps, counts: world.counts };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return { violation: `run ${seed}: ${what}\n  after ${done.join('\n  ')}`, steps, counts: world.counts };
  }
}
