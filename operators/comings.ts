import type { FamilyChange } from '../src/api.js';

/**
 * Whether keys have come or gone; not where only values are others, or only `current` is. Of the first change all keys are new, whatever
 * its lists say: a shared stream gives late subscribers its last change only.
 */
export function areComings({ add, del }: FamilyChange, index: number): boolean {
  return index === 0 || add.length > 0 || del.length > 0;
}
