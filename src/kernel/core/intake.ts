import type { Link } from '../../transport/link.js';

/** What can be read of, or not for a while. */
type Readable = Pick<Link, 'pause' | 'resume'>;

/**
 * Reads connections no further while more waits on this node than it gets done: so their other ends feel it, instead of the
 * memory of this one. They are read again in the order in which they wait, since the first may bring too much again.
 */
export function createIntake<L extends Readable>() {
  const read = new Set<L>();
  const waiting = new Set<L>();
  let isCongested = false;

  const pause = (link: L): void => {
    read.delete(link);
    waiting.add(link);
    link.pause();
  };

  const resume = (link: L): void => {
    waiting.delete(link);
    read.add(link);
    link.resume();
  };

  return {
    /** A connection begins to be read. */
    add(link: L): void {
      if (isCongested) pause(link);
      else read.add(link);
    },
    /** It is gone. */
    remove(link: L): void {
      read.delete(link);
      waiting.delete(link);
    },
    congested(on: boolean): void {
      isCongested = on;
      if (on) for (const link of [...read]) pause(link);
      // what the first one brings may be too much again
      else for (const link of [...waiting]) if (!isCongested && waiting.has(link)) resume(link);
    },
    /** How many connections there are. */
    get size() {
      return read.size + waiting.size;
    },
  };
}
