import { deepFreeze } from '../../kernel/core/freeze.js';
import type { FamilyChange } from '../family-change.js';
import { Change } from './family-store-change.js';
import { createVersions, type Edit } from './family-store-versions.js';
import { ABSENT } from './trie-leaf.js';
import { equal } from './values.js';

/** The present content of one family, and its changes. Pure. */
export interface FamilyStore {
  readonly size: number;
  has(key: string): boolean;
  get(key: string): unknown;
  entries(): Iterable<[key: string, value: unknown]>;
  /**
   * Sets and deletes; undefined when nothing visible has changed (S26, D6): a value that is equal to the one that is
   * there is none, nor is a delete of what is absent. A key that is in both is set. Values are frozen deeply.
   */
  apply(set: ReadonlyMap<string, unknown>, del: Iterable<string>): FamilyChange | undefined;
  /** Makes the content equal to `all`, which is current, and gives the difference (S28); undefined when there is none. */
  replace(all: ReadonlyMap<string, unknown>): FamilyChange | undefined;
  /** All that is in it, as a first change: `add` has every key. */
  current(): FamilyChange;
  /** From now on somebody vouches for the content, or nobody does (V12); undefined when that is so already. A new store is current. */
  vouch(isCurrent: boolean): FamilyChange | undefined;
}

/**
 * A mutable map, and for those who look at `family` of a change, a persistent one (S27). As long as nobody looks, an update
 * costs little more than that of the mutable map.
 */
export function createFamilyStore(): FamilyStore {
  const content = new Map<string, unknown>();
  const versions = createVersions(content);
  let isCurrent = true;

  const apply = (set: ReadonlyMap<string, unknown>, gone: Iterable<string>): FamilyChange | undefined => {
    const edits: Edit[] = [];
    const add: string[] = [];
    const chg: string[] = [];
    const del: string[] = [];
    const edit = (key: string, was: unknown, is: unknown): void => {
      if (edits.length === 0) versions.begin();
      edits.push({ key, was, is });
    };
    for (const [key, value] of set) {
      const was = content.get(key);
      const known = was !== undefined || content.has(key);
      if (known && equal(was, value)) continue;
      (known ? chg : add).push(key);
      edit(key, known ? was : ABSENT, value);
      content.set(key, typeof value === 'object' ? deepFreeze(value) : value);
    }
    for (const key of gone) {
      if (!content.has(key) || set.has(key)) continue;
      del.push(key);
      edit(key, content.get(key), ABSENT);
      content.delete(key);
    }
    return edits.length === 0 ? undefined : new Change(versions, versions.end(edits), add, chg, del, isCurrent);
  };

  const vouch = (is: boolean): FamilyChange | undefined => {
    if (isCurrent === is) return undefined;
    isCurrent = is;
    return new Change(versions, versions.newest, [], [], [], is);
  };

  return {
    get size() {
      return content.size;
    },
    has: (key) => content.has(key),
    get: (key) => content.get(key),
    entries: () => content.entries(),
    apply,
    replace(all) {
      const vouched = vouch(true);
      return apply(all, content.keys()) ?? vouched;
    },
    current: () => new Change(versions, versions.newest, [...content.keys()], [], [], isCurrent),
    vouch,
  };
}
