/** So much may pass in a second, in the mean, and a second's worth at once. Pure: times are monotonic, ms. */
export interface Bucket {
  /** Takes an amount; the result is how long nothing more may be taken, ms, 0 where more may. */
  take(amount: number, now: number): number;
}

const TOLERANCE = 1e-6;

export function createBucket(perSecond: number, now: number): Bucket {
  let free = perSecond;
  let since = now;
  return {
    take(amount, at) {
      free = Math.min(perSecond, free + ((at - since) * perSecond) / 1000) - amount;
      since = at;
      // what is lost in rounding is not waited for
      return free > -TOLERANCE ? 0 : Math.ceil((-free * 1000) / perSecond);
    },
  };
}
