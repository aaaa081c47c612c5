import { createBounded } from '../env/bounded.js';
import type { Env } from '../env/env.js';
import { shown } from '../wire/printable.js';
import type { RefusedPage } from './websocket-settings.js';

/** Logs pages that were refused for their origin, with the options that would let them in; bounded, since strangers cause it. */
export function createRefusedPages(env: Pick<Env, 'clock' | 'log' | 'limits'>) {
  const bounded = createBounded(env);
  return (page: RefusedPage): void => {
    bounded((untold, others) => {
      const { remoteAddress, origin, host } = page;
      env.log.warn(
        { remoteAddress, untold },
        `refused a page of ${shown(origin)} from ${remoteAddress}, which asked for the host ${shown(host)}: ` +
          `to let it in, give transports: [webSocketTransport({ origins: [...] })] that origin${otherRemedy(page)}${others}`,
      );
    });
  };
}

/** What lets the page in as well, where its origin is compared with the host. */
function otherRemedy({ remoteAddress, origins, claimedHost }: RefusedPage): string {
  if (origins !== undefined) return '';
  if (claimedHost === undefined) return ', or let the proxy in front pass the host on (proxy_set_header Host $http_host)';
  return `; or, if ${remoteAddress} is your proxy, give webSocketTransport({ trustProxy: [...] }) its address: it says that the host was ${shown(claimedHost)}`;
}
