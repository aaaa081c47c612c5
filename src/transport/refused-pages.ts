import { createBounded } from '../env/bounded.js';
import type { Env } from '../env/env.js';
import { shown } from '../wire/printable.js';

/** Logs pages that were refused for their origin, with the option that would let them in; bounded, since strangers cause it. */
export function createRefusedPages(env: Pick<Env, 'clock' | 'log' | 'limits'>) {
  const bounded = createBounded(env);
  return (remoteAddress: string, origin: string, host: string): void => {
    bounded((untold, others) => {
      env.log.warn(
        { remoteAddress, untold },
        `refused a page of ${shown(origin)} from ${remoteAddress}, which asked for the host ${shown(host)}: ` +
          `to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin, or let the proxy pass the host on${others}`,
      );
    });
  };
}
