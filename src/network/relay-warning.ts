import { createBounded } from '../env/bounded.js';
import type { Env } from '../env/env.js';
import type { Link } from '../transport/link.js';
import { isLoopback } from '../transport/loopback.js';

/**
 * Warns of connections whose proof somebody may have passed on from another node: `hmac_sha3_512` without TLS, off loopback.
 * Bounded, since nodes that connect again and again must not fill the log.
 */
export function createRelayWarning(env: Pick<Env, 'clock' | 'log' | 'limits'>) {
  const bounded = createBounded(env);
  return ({ node, remoteAddress, method, secure }: Pick<Link, 'node' | 'remoteAddress' | 'method' | 'secure'>): void => {
    if (method !== 'hmac_sha3_512' || secure || isLoopback(remoteAddress)) return;
    bounded((untold, others) => {
      env.log.warn(
        { node, remoteAddress, method, untold },
        `${node} at ${remoteAddress} is in by hmac_sha3_512 without TLS: somebody may pass its proofs on; use TLS, or refuse it: methods: ['rxmp_sha3_512', 'tls_sha3_512']${others}`,
      );
    });
  };
}
