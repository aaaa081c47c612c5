import type { LinkId } from './packets.js';

/** A barrier that waits for the links behind it. */
interface Wait {
  /** How many links have not answered. */
  open: number;
  done(): void;
}

export type Barrier = ReturnType<typeof createBarrier>;

/**
 * Barriers: a `sync` that went everywhere and came back shows that all that was told before it has arrived, and that all
 * answers to it are here, since a link keeps the order. Who goes away meanwhile is not waited for.
 */
export function createBarrier(send: (link: LinkId, mark: number) => void) {
  /** What each link was asked and has not answered, by the mark. */
  const asked = new Map<LinkId, Map<number, Wait>>();
  let nextMark = 1;

  const settle = (wait: Wait): void => {
    if (--wait.open === 0) wait.done();
  };
  const note = (link: LinkId, mark: number, wait: Wait): void => {
    const waits = asked.get(link);
    if (waits === undefined) asked.set(link, new Map([[mark, wait]]));
    else waits.set(mark, wait);
  };

  return {
    /** Asks links; `done` is called when all have answered. */
    ask(links: readonly LinkId[], done: () => void): void {
      // one more, so that it is over only when all have been asked
      const wait: Wait = { open: links.length + 1, done };
      for (const link of links) {
        const mark = nextMark++;
        note(link, mark, wait);
        send(link, mark);
      }
      settle(wait);
    },
    /** A link answers. False: it was not asked that. */
    answered(link: LinkId, mark: number): boolean {
      const waits = asked.get(link);
      const wait = waits?.get(mark);
      if (waits === undefined || wait === undefined) return false;
      waits.delete(mark);
      if (waits.size === 0) asked.delete(link);
      settle(wait);
      return true;
    },
    leave(link: LinkId): void {
      const waits = asked.get(link);
      asked.delete(link);
      for (const wait of waits?.values() ?? []) settle(wait);
    },
  };
}
