import { createBounded } from '../env/bounded.js';
import type { Env } from '../env/env.js';

/** Logs what strangers cause: one line for all that came in `limits.refusalLog`, so that they can't flood the log. */
export function createStrangers(env: Pick<Env, 'clock' | 'log' | 'limits'>) {
  const refusals = createBounded(env);
  const failures = createBounded(env);
  const misses = createBounded(env);
  return {
    /** A connection was refused unheard. */
    refused(remoteAddress: string, reason: string): void {
      refusals((untold) => {
        const others = untold === 0 ? '' : `; ${untold} more were refused since the last such line`;
        env.log.warn({ remoteAddress, untold }, `refused ${remoteAddress}: ${reason}${others}`);
      });
    },
    /** A listener could not accept somebody. */
    missed(bind: string, reason: string): void {
      misses((untold) => {
        const others = untold === 0 ? '' : `; ${untold} more were missed since the last such line`;
        env.log.error({ bind, untold }, `${bind} could not accept a connection: ${reason}${others}`);
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
