import type { Logger } from '../env/log.js';
import { overhear } from './log.js';

/** What a node could not send before it was closed. */
export interface Unsent {
  readonly log: Logger;
  /** For people; undefined: all has left. */
  text(): string | undefined;
}

/** Counts what the log says of bytes that have not left. */
export function countUnsent(log: Logger): Unsent {
  let bytes = 0;
  const nodes = new Set<string>();
  return {
    log: overhear(log, (details) => {
      if (!isUnsent(details)) return;
      bytes += details.unsent;
      nodes.add(details.node);
    }),
    text: () => (bytes === 0 ? undefined : `${bytes} bytes for ${nodes.size === 1 ? [...nodes].join('') : `${nodes.size} nodes`} were not sent: they are lost`),
  };
}

function isUnsent(details: object): details is { readonly node: string; readonly unsent: number } {
  return 'unsent' in details && typeof details.unsent === 'number' && 'node' in details && typeof details.node === 'string';
}
