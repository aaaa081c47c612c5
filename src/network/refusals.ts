import type { Env } from '../env/env.js';

/** Logs connections that were refused unheard: one line for all that came in `limits.refusalLog`, so that they can't flood the log. */
export function createRefusals({ clock, log, limits }: Pick<Env, 'clock' | 'log' | 'limits'>) {
  let silentUntil = -Infinity;
  let untold = 0;
  return (remoteAddress: string, reason: string): void => {
    const now = clock.monotonic();
    if (now < silentUntil) {
      untold++;
      return;
    }
    silentUntil = now + limits.refusalLog;
    const others = untold === 0 ? '' : `; ${untold} more were refused since the last such line`;
    log.warn({ remoteAddress, untold }, `refused ${remoteAddress}: ${reason}${others}`);
    untold = 0;
  };
}
