import { FlatEntries, type Entries } from '../../wire/entries.js';
import type { Claim } from './origin.js';
import { equal } from './values.js';

/** What has changed in a family, as a message has it. */
export interface Difference {
  readonly set: Entries;
  readonly del: readonly string[];
}

/** A key is absent. */
export const ABSENT = Symbol('absent');

/** One key of a family. It is found once for an update: of a large family each look-up is a cache miss. */
export interface Entry {
  readonly key: string;
  /** Who holds it, the best first; undefined: nobody, any more. */
  first: Claim | undefined;
  /** Something has happened to it since the last flush. */
  isTouched: boolean;
}

/** What all see of a key. */
export const visibleOf = (first: Claim | undefined): unknown => (first === undefined ? ABSENT : shown(first).value);

/** What the own slaves' shards have of a key. */
export function ownOf(first: Claim | undefined): unknown {
  if (first === undefined) return ABSENT;
  let own: Claim | undefined = first;
  while (own !== undefined && (!own.origin.own || (!own.origin.vouched && isCovered(own, first)))) own = own.next;
  return own === undefined ? ABSENT : own.value;
}

/** Whether the own slaves' shards may have something else of a key than what all see. */
export const isApart = (first: Claim | undefined): boolean => first !== undefined && (first.next !== undefined || !first.origin.own);

/** The first that is not covered; what covers another is not. */
export function shown(first: Claim): Claim {
  let claim = first;
  while (claim.next !== undefined && isCovered(claim, first)) claim = claim.next;
  return claim;
}

/** Whether the node of an own claim tells the same as a global node: then that counts, with its rank (D2, D3). */
function isCovered({ origin, value }: Claim, first: Claim): boolean {
  if (!origin.own || first.next === undefined) return false;
  for (let other: Claim | undefined = first; other !== undefined; other = other.next) {
    if (other.origin !== origin && other.origin.node === origin.node && equal(other.value, value)) return true;
  }
  return false;
}

/** What has happened in a family since the last flush: which entries were touched, and, by the same index, what each showed before. */
export interface Touched {
  readonly entries: Entry[];
  readonly visible: unknown[];
  readonly own: unknown[];
  /** The own slaves may have, or may have had, something else than what all see; mostly it is the same. */
  isApart: boolean;
}

export const createTouched = (): Touched => ({ entries: [], visible: [], own: [], isApart: false });

interface Differences {
  readonly visible: Difference | undefined;
  readonly own: Difference | undefined;
}

/** What has changed for everybody, and for the own slaves' part. */
export function differencesOf({ entries, visible, own, isApart }: Touched): Differences {
  const forAll = differenceOf(entries, visible, visibleOf);
  return { visible: forAll, own: isApart ? differenceOf(entries, own, ownOf) : forAll };
}

function differenceOf(
  entries: readonly Entry[],
  before: readonly unknown[],
  valueOf: (first: Claim | undefined) => unknown,
): Difference | undefined {
  const set = new FlatEntries();
  const del: string[] = [];
  entries.forEach(({ key, first }, i) => {
    const now = valueOf(first);
    if (now === ABSENT) {
      if (before[i] !== ABSENT) del.push(key);
    } else if (before[i] === ABSENT || !equal(before[i], now)) set.add(key, now);
  });
  return set.size > 0 || del.length > 0 ? { set, del } : undefined;
}
