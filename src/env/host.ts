import { hostname } from 'node:os';

/** The name of this machine, as far as a node id can hold it. */
export function hostName(): string {
  return hostname().replace(/[^A-Za-z0-9_.:-]/g, '-');
}
