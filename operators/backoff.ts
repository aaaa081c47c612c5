/** Growing times between attempts, ms. */
export interface Backoff {
  /** Before the first repetition. */
  readonly initial: number;
  /** What each further time is multiplied with. Default: 2. */
  readonly factor?: number | undefined;
  /** No time is longer. Default: none. */
  readonly max?: number | undefined;
}

/** The time before a repetition, ms; the first has the number 1. */
export function backoffTime(delay: number | Backoff, repetition: number): number {
  const { initial, factor = 2, max = Infinity } = typeof delay === 'number' ? { initial: delay, factor: 1 } : delay;
  // a finite factor, because 0 * Infinity is no time at all
  return Math.min(initial * Math.min(factor ** (repetition - 1), Number.MAX_SAFE_INTEGER), max);
}

/** Throws a RangeError for times that make no sense, at the call and not hours later. */
export function checkBackoff(delay: number | Backoff): void {
  const { initial, factor = 1, max = 0 } = typeof delay === 'object' ? delay : { initial: delay };
  const isTime = (ms: unknown): boolean => typeof ms === 'number' && ms >= 0;
  if (isTime(initial) && factor >= 1 && isTime(max)) return;
  const shown = typeof delay === 'number' ? delay : JSON.stringify(delay);
  throw new RangeError(
    `delay is ${shown}: expected ms, or { initial, factor, max } with initial and max >= 0 and factor >= 1`,
  );
}
