import type { Entries } from '../../wire/database.js';
import type { Claim } from './origin.js';
import { equal } from './values.js';

/** What has changed in a family, as a message has it. */
export interface Difference {
  readonly set: Entries;
  readonly del: readonly string[];
}

/** A key is absent. */
export const ABSENT = Symbol('absent');

/** What a key shows, and what it shows of the own slaves' shards only. */
export interface Showing {
  readonly visible: unknown;
  readonly own: unknown;
}

/** One key of a family. It is found once for an update: of a large family each look-up is a cache miss. */
export interface Entry {
  readonly key: string;
  /** Who holds it, the best first; undefined: nobody, any more. */
  first: Claim | undefined;
  /** What it showed at the last flush, if anything has happened since. */
  before: Showing | undefined;
}

/** What a list of claims shows. */
export function showing(first: Claim | undefined): Showing {
  if (first === undefined) return GONE;
  // nearly all keys are held by one node alone
  if (first.next === undefined) return { visible: first.value, own: first.origin.own ? first.value : ABSENT };
  let own: Claim | undefined = first;
  while (own !== undefined && (!own.origin.own || isCovered(own, first))) own = own.next;
  return { visible: shown(first).value, own: own === undefined ? ABSENT : own.value };
}

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

const GONE: Showing = { visible: ABSENT, own: ABSENT };

interface Differences {
  readonly visible: Difference | undefined;
  readonly own: Difference | undefined;
}

/** What has changed of entries, for everybody and for the own slaves' part: mostly the same. */
export function differencesOf(touched: readonly Entry[]): Differences {
  const visible = createDifference();
  const own = createDifference();
  const apart = touched.some(isApart);
  for (const { key, before = GONE, first } of touched) {
    const now = showing(first);
    visible.add(key, before.visible, now.visible);
    if (apart) own.add(key, before.own, now.own);
  }
  const made = visible.made();
  return { visible: made, own: apart ? own.made() : made };
}

/** Whether what everybody sees of an entry is, or was, not what the own slaves have of it. */
function isApart({ before, first }: Entry): boolean {
  return before?.visible !== before?.own || (first !== undefined && (first.next !== undefined || !first.origin.own));
}

function createDifference() {
  const set = new Map<string, unknown>();
  const del: string[] = [];
  return {
    add(key: string, before: unknown, now: unknown): void {
      if (now === ABSENT) {
        if (before !== ABSENT) del.push(key);
      } else if (before === ABSENT || !equal(before, now)) set.set(key, now);
    },
    made: (): Difference | undefined => (set.size > 0 || del.length > 0 ? { set, del } : undefined),
  };
}
