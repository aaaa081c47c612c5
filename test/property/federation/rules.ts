import { inspect } from '../../../src/federation/inspect.js';
import { check } from '../database/check.js';
import { projection, specs, textOf } from './vocabulary.js';
import type { End, Site } from './world.js';

/** The scope's own clients, as one of its links. */
const LOCAL = 0;

const specTexts = new Map(specs.map((spec) => [textOf(spec), spec]));

/** Who holds each pattern, by what the links have said and the clients do. */
export function holdersAt(site: Site): Map<string, Set<number>> {
  const holders = new Map<string, Set<number>>();
  const hold = (spec: string, link: number): void => {
    const known = holders.get(spec);
    if (known === undefined) holders.set(spec, new Set([link]));
    else known.add(link);
  };
  for (const { specText } of site.watchers.keys()) hold(specText, LOCAL);
  for (const { id, ledger } of site.ends.values()) for (const spec of ledger.ins.values()) hold(spec, id);
  return holders;
}

/** Who asserts what fits a pattern. */
function assertersOf(site: Site, text: string): Map<string, Set<number>> {
  const asserters = new Map<string, Set<number>>();
  const assert = (match: string, link: number): void => {
    const known = asserters.get(match);
    if (known === undefined) asserters.set(match, new Set([link]));
    else known.add(link);
  };
  const spec = specTexts.get(text);
  if (spec === undefined) return asserters;
  for (const value of site.asserted.keys()) {
    const match = projection(spec, value);
    if (match !== false) assert(match, LOCAL);
  }
  for (const { id, ledger } of site.ends.values()) {
    for (const [out, of] of ledger.outs) if (of === text) for (const match of ledger.heard.get(out) ?? []) assert(match, id);
  }
  return asserters;
}

const isOnly = (set: ReadonlySet<number>, link: number): boolean => set.size === 1 && set.has(link);

/** R1 and R2 at one scope (I3), computed from packets and clients, not from what the scope believes. */
export function checkRules(site: Site): void {
  const holders = holdersAt(site);
  const asserters = new Map<string, Map<string, Set<number>>>();
  for (const spec of holders.keys()) asserters.set(spec, assertersOf(site, spec));
  for (const end of site.ends.values()) {
    if (!end.up) continue;
    checkSubscriptions(site, end, holders);
    for (const [id, spec] of end.ledger.ins) checkMatches(site, end, id, asserters.get(spec) ?? new Map<string, Set<number>>());
  }
}

function checkSubscriptions(site: Site, { id, ledger }: End, holders: ReadonlyMap<string, ReadonlySet<number>>): void {
  const subscribed = new Set(ledger.outs.values());
  let wanted = 0;
  for (const [spec, links] of holders) {
    if (isOnly(links, id)) continue;
    wanted++;
    check(subscribed.has(spec), () => `R1: ${site.name} has not subscribed to ${spec} at link ${id}`);
  }
  check(subscribed.size === wanted, () => `R1: ${site.name} has ${subscribed.size} subscriptions at link ${id}, expected ${wanted}`);
}

function checkMatches(site: Site, { id, ledger }: End, inId: number, asserters: ReadonlyMap<string, ReadonlySet<number>>): void {
  const told = ledger.told.get(inId) ?? new Set<string>();
  let wanted = 0;
  for (const [match, links] of asserters) {
    // I1: what only the link itself asserts does not come back
    if (isOnly(links, id)) continue;
    wanted++;
    check(told.has(match), () => `R2: ${site.name} has not told link ${id} of ${match}`);
  }
  check(told.size === wanted, () => `R2: ${site.name} has told link ${id} of ${told.size} matches, expected ${wanted}: ${[...told].join(' ')}`);
}

/** What a scope says of itself when nothing is under way (I7). */
export function checkInspection(site: Site): void {
  const { subscriptions, retired, links } = inspect(site.core);
  const holders = holdersAt(site);
  check(retired === 0, () => `I7: ${site.name} waits for the end of ${retired} subscriptions`);
  check(subscriptions.length === holders.size, () => `I7: ${site.name} has ${subscriptions.length} subscriptions, expected ${holders.size}`);
  for (const { spec, holders: found, matches } of subscriptions) {
    const text = textOf(spec);
    const wanted = holders.get(text) ?? new Set();
    check(found.length === wanted.size && found.every((link) => wanted.has(link)), () => `I3: ${site.name} takes ${found.join()} for holders of ${text}`);
    const asserters = assertersOf(site, text);
    if (isOnly(wanted, LOCAL)) for (const [match, from] of asserters) if (from.delete(LOCAL) && from.size === 0) asserters.delete(match);
    check(matches.length === asserters.size, () => `I3: ${site.name} knows ${matches.length} matches of ${text}, expected ${asserters.size}`);
    for (const { captures, from } of matches) {
      const links = asserters.get(textOf(captures));
      check(links?.size === from.length && from.every((link) => links.has(link)), () => `I3: ${site.name} takes ${from.join()} for those who assert ${textOf(captures)}`);
    }
  }
  check(links.length === [...site.ends.values()].filter(({ up }) => up).length, () => `${site.name} says that ${links.length} links are up`);
  for (const { link, peer } of links) {
    const other = site.ends.get(link)?.link.ends.find((end) => end.site !== site)?.site;
    check(peer === other?.name, () => `${site.name} takes ${peer} for the other end of link ${link}, expected ${String(other?.name)}`);
  }
}

const labelOf = ({ core: { branch: [rank, count, [root]] } }: Site): string => [rank, count, root].join();

/** All scopes that reach each other have the label of one tree in common, and no others have it. */
export function checkLabels(sites: readonly Site[], componentOf: (site: Site) => ReadonlySet<Site>): void {
  for (const one of sites) {
    const component = componentOf(one);
    for (const other of sites) {
      check((labelOf(other) === labelOf(one)) === component.has(other), () => `${one.name} has the label ${labelOf(one)}, ${other.name} ${labelOf(other)}`);
    }
  }
}
