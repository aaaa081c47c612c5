import { isDeepStrictEqual } from 'node:util';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { check, checkEqual } from './check.js';

/** A subscriber of `dbMon`, which checks what it gets against what it has got (S26, S27, D6, V12). */
export interface Watching {
  /** What the changes amount to; undefined as long as there was none. */
  readonly folded: ReadonlyMap<string, unknown> | undefined;
  /** Whether somebody vouches for it. */
  readonly isCurrent: boolean;
  next(change: FamilyChange): void;
  /** Looks at every snapshot again: none has changed (S27). */
  finish(): void;
}

export function createWatching(name: string): Watching {
  let folded: Map<string, unknown> | undefined;
  let isCurrent = false;
  const kept: { change: FamilyChange; content: ReadonlyMap<string, unknown> }[] = [];

  return {
    get folded() {
      return folded;
    },
    get isCurrent() {
      return isCurrent;
    },
    next(change) {
      const { family, add, chg, del, current } = change;
      const before = folded ?? new Map<string, unknown>();
      const all = [...add, ...chg, ...del];
      check(new Set(all).size === all.length, () => `${name}: a key is in two lists: ${all.join()} (S26)`);
      if (folded !== undefined) check(all.length > 0 || current !== isCurrent, () => `${name}: a change of nothing (D6)`);
      isCurrent = current;
      for (const key of add) check(!before.has(key), () => `${name}: added key ${key} was there (S26)`);
      for (const key of [...chg, ...del]) check(before.has(key), () => `${name}: changed or deleted key ${key} was not there (S26)`);

      const now = new Map(before);
      for (const key of del) now.delete(key);
      for (const key of [...add, ...chg]) now.set(key, family.get(key));
      for (const key of chg) check(!isDeepStrictEqual(now.get(key), before.get(key)), () => `${name}: nothing has changed in ${key} (D6)`);
      checkEqual(new Map(family), now, () => `${name}: the snapshot is not what the changes amount to (S26)`);
      kept.push({ change, content: now });
      folded = now;
    },
    finish() {
      for (const { change, content } of kept) checkEqual(new Map(change.family), content, () => `${name}: an old snapshot has changed (S27)`);
      kept.length = 0;
    },
  };
}
