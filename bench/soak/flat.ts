/** What a process held at some time of a soak, after its garbage was collected. */
export interface Sample {
  readonly heap: number;
  /** Buffers and whatever else the heap only points to. */
  readonly external: number;
}

export interface Flatness {
  /** Medians of the second and of the last quarter, in octets: the first is warming up. */
  readonly early: number;
  readonly late: number;
  readonly flat: boolean;
}

/** What may come on top without being growth: compiled code, caches that fill up. */
const SHARE = 0.05;
const ALWAYS = 512 * 1024;
/** Fewer samples tell nothing. */
export const FEWEST = 8;

/** Whether memory has stayed as it was. Throws RangeError for too few samples. */
export function flatness(samples: readonly Sample[]): Flatness {
  if (samples.length < FEWEST) throw new RangeError(`${samples.length} samples are too few to tell, expected at least ${FEWEST}`);
  const octets = samples.map(({ heap, external }) => heap + external);
  const quarter = Math.floor(octets.length / 4);
  const early = median(octets.slice(quarter, 2 * quarter));
  const late = median(octets.slice(-quarter));
  return { early, late, flat: late <= early + Math.max(ALWAYS, early * SHARE) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
