import type { FamilyChange } from 'rxmp';
import type { Life } from './model.js';
import { violated } from './violation.js';

type Entries = ReadonlyMap<string, unknown>;

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** What somebody who watches a family has been told so far. */
export interface Fold {
  readonly life: Life;
  readonly family: string;
  /** Undefined: nothing yet. */
  readonly entries: Entries | undefined;
  /** A master vouches for it, as it was told. */
  readonly isCurrent: boolean;
  /** Takes the next change; throws when it breaks a rule (S26, S27, D6, V12). */
  next(change: FamilyChange): void;
}

export function createFold(life: Life, family: string): Fold {
  let entries: Map<string, unknown> | undefined;
  let isCurrent = false;
  let before: { readonly shown: Entries; readonly copy: string } | undefined;
  const wrong = (rule: string, text: string): never => violated(rule, `${life.key}, ${family}: ${text}`);

  const checkLists = (known: Entries, { family: now, add, chg, del }: FamilyChange): void => {
    const all = [...add, ...chg, ...del];
    if (new Set(all).size < all.length) wrong('S26', `a key is in two lists of add ${add.join()}, chg ${chg.join()}, del ${del.join()}`);
    for (const key of add) if (known.has(key)) wrong('S26', `${key} was added, but was there`);
    for (const key of chg) {
      if (!known.has(key)) wrong('S26', `${key} was changed, but was absent`);
      if (same(known.get(key), now.get(key))) wrong('D6', `${key} was changed to what it was`);
    }
    for (const key of del) if (!known.has(key)) wrong('S26', `${key} was deleted, but was absent`);
  };

  return {
    life,
    family,
    get entries() {
      return entries;
    },
    get isCurrent() {
      return isCurrent;
    },
    next(change) {
      if (!life.alive) wrong('S25', 'was told of a change after its end');
      const { family: now, add, chg, del, current } = change;
      if (entries !== undefined && add.length + chg.length + del.length === 0 && current === isCurrent) wrong('D6', 'a change that changes nothing');
      isCurrent = current;
      checkLists(entries ?? new Map(), change);
      entries ??= new Map();
      for (const key of del) entries.delete(key);
      for (const key of [...add, ...chg]) entries.set(key, now.get(key));
      const difference = differs(entries, now);
      if (difference !== undefined) wrong('S26', `folding the changes gives something else than the family: ${difference}`);
      if (before !== undefined && JSON.stringify([...before.shown]) !== before.copy) wrong('S27', 'an old snapshot has changed');
      before = { shown: now, copy: JSON.stringify([...now]) };
    },
  };
}

/** How two families differ, in words; undefined: not at all. */
export function differs(a: Entries, b: Entries): string | undefined {
  for (const [key, value] of a) {
    if (!b.has(key)) return `${key} is in one only`;
    if (!same(value, b.get(key))) return `${key} is ${JSON.stringify(value)} and ${JSON.stringify(b.get(key))}`;
  }
  for (const key of b.keys()) if (!a.has(key)) return `${key} is in the other only`;
  return undefined;
}

/** What all living nodes have set in a family: who holds a key, and with what values (S24). */
export function unionOf(lives: Iterable<Life>, family: string): ReadonlyMap<string, readonly unknown[]> {
  const union = new Map<string, unknown[]>();
  for (const { shard } of lives) {
    for (const [key, value] of shard.get(family) ?? []) {
      const held = union.get(key);
      if (held === undefined) union.set(key, [value]);
      else held.push(value);
    }
  }
  return union;
}

/** Holds what somebody knows of a family against the union; undefined: it is right. */
export function misses(known: Entries, union: ReadonlyMap<string, readonly unknown[]>): string | undefined {
  for (const [key, held] of union) {
    if (!known.has(key)) return `${key} is missing`;
    if (!held.some((value) => same(value, known.get(key)))) return `${key} is ${JSON.stringify(known.get(key))}, which nobody has set: ${JSON.stringify(held)}`;
  }
  for (const key of known.keys()) if (!union.has(key)) return `${key} is there, but nobody has set it`;
  return undefined;
}
