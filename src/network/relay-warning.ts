import type { Env } from '../env/env.js';
import type { Link } from '../transport/link.js';
import { isLoopback } from '../transport/loopback.js';

/**
 * Warns of connections whose proof somebody may have passed on from another node: `hmac_sha3_512` without TLS, off loopback.
 * One line for all of `limits.refusalLog`, with a count of the others: nodes that connect again and again must not fill the log.
 */
export function createRelayWarning({ clock, log, limits }: Pick<Env, 'clock' | 'log' | 'limits'>) {
  let silentUntil = -Infinity;
  let untold = 0;
  return ({ node, remoteAddress, method, secure }: Pick<Link, 'node' | 'remoteAddress' | 'method' | 'secure'>): void => {
    if (method !== 'hmac_sha3_512' || secure || isLoopback(remoteAddress)) return;
    const now = clock.monotonic();
    if (now < silentUntil) {
      untold++;
      return;
    }
    silentUntil = now + limits.refusalLog;
    const others = untold === 0 ? '' : `; ${untold} more since the last such line`;
    log.warn(
      { node, remoteAddress, method, untold },
      `${node} at ${remoteAddress} is in by hmac_sha3_512 without TLS: somebody may pass its proofs on; use TLS, or refuse it: methods: ['rxmp_sha3_512', 'tls_sha3_512']${others}`,
    );
    untold = 0;
  };
}
