import { seededRandom } from 'rxmp/testing';
import { fraction } from '../../../src/env/random.js';

/** Everything that an attack draws, repeatable by its seed. */
export interface Chance {
  /** An integer from 0 up to, not including, `end`. */
  below(end: number): number;
  /** True so often. */
  often(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function chanceOf(seed: number): Chance {
  const random = seededRandom(seed);
  const below = (end: number): number => Math.floor(fraction(random) * end);
  return {
    below,
    often: (share) => fraction(random) < share,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
  };
}
