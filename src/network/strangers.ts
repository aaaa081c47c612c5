import { createBounded } from '../env/bounded.js';
import type { Env } from '../env/env.js';

/** Logs what strangers cause: one line for all that came in `limits.refusalLog`, so that they can't flood the log. */
export function createStrangers(env: Pick<Env, 'clock' | 'log' | 'limits'>) {
  const refusals = createBounded(env);
  const failures = createBounded(env);
  return {
    /** A connection was refused unheard. */
    refused(remoteAddress: string, reason: string): void {
      refusals((untold) => {
        const others = untold === 0 ? '' : `; ${untold} more were refused since the last such line`;
        env.log.warn({ remoteAddress, untold }, `refused ${remoteAddress}: ${reason}${others}`);
      });
    },
    /** A handshake has failed. */
    failed(remoteAddress: string, reason: string): void {
      failures((untold) => {
        const others = untold === 0 ? '' : `; ${untold} more have failed since the last such line`;
        env.log.warn({ remoteAddress, untold }, `connection from ${remoteAddress} failed: ${reason}${others}`);
      });
    },
  };
}
