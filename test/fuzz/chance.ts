import { seeded } from '../fixtures/chunking.js';

/** Everything that a fuzz test draws, repeatable by its seed. */
export interface Chance {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** An integer from 0 up to, not including, `end`. */
  below(end: number): number;
  /** True so often. */
  often(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function chanceOf(seed: number): Chance {
  const fraction = seeded(seed);
  const below = (end: number): number => Math.floor(fraction() * end);
  return {
    fraction,
    below,
    often: (share) => fraction() < share,
    pick: (list) => {
      if (list.length === 0) throw new Error('there is nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
  };
}
