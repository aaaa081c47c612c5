import type { Link } from '../../transport/link.js';

/** Reads a link, as long as nobody has a reason not to. */
export interface Valve {
  hold(reason: string): void;
  release(reason: string): void;
}

export function createValve(link: Pick<Link, 'pause' | 'resume'>): Valve {
  const reasons = new Set<string>();
  return {
    hold(reason) {
      if (reasons.size === 0) link.pause();
      reasons.add(reason);
    },
    release(reason) {
      if (reasons.delete(reason) && reasons.size === 0) link.resume();
    },
  };
}
