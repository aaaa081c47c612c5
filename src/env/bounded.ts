import type { Env } from './env.js';

/**
 * Bounds how often something is told: at most once in `limits.refusalLog`. `tell` gets how many times it was passed over since, as
 * a number and as the end of a line.
 */
export function createBounded({ clock, limits }: Pick<Env, 'clock' | 'limits'>): (tell: (untold: number, others: string) => void) => void {
  let silentUntil = -Infinity;
  let untold = 0;
  return (tell) => {
    const now = clock.monotonic();
    if (now < silentUntil) {
      untold++;
      return;
    }
    silentUntil = now + limits.refusalLog;
    const passed = untold;
    untold = 0;
    tell(passed, passed === 0 ? '' : `; ${passed} more since the last such line`);
  };
}
