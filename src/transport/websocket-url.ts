import { BadAddress } from '../wire/errors.js';
import { formatHostPort, type Address } from './address.js';

/** What a WebSocket is opened with. Throws {@link BadAddress} when an address has more than a URL of a WebSocket can have. */
export function webSocketUrl({ scheme, host, port, path, text }: Address): string {
  const url = `${scheme}://${formatHostPort(host, port)}${path.startsWith('?') ? '/' : ''}${path}`;
  if (!URL.canParse(url) || url.includes('#')) throw new BadAddress(`cannot connect to ${text}: expected ws://host:port/path`);
  return url;
}
