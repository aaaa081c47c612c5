/** So much may pass in a second, in the mean. Pure: times are monotonic, ms. */
export interface Bucket {
  /** Takes an amount; the result is how long nothing more may be taken, ms, 0 where more may. */
  take(amount: number, now: number): number;
  /** Whether as much may pass as if nothing ever had. */
  isFull(now: number): boolean;
}

const TOLERANCE = 1e-6;

/** `atOnce`: so much may pass at once, after a while in which nothing did; by default a second's worth. */
export function createBucket(perSecond: number, now: number, atOnce = perSecond): Bucket {
  let free = atOnce;
  let since = now;
  const fill = (at: number): number => {
    free = Math.min(atOnce, free + ((at - since) * perSecond) / 1000);
    since = at;
    return free;
  };
  return {
    take(amount, at) {
      free = fill(at) - amount;
      // what is lost in rounding is not waited for
      return free > -TOLERANCE ? 0 : Math.ceil((-free * 1000) / perSecond);
    },
    isFull: (at) => fill(at) >= atOnce,
  };
}
